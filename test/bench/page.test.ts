// docs/performance.md contains the figures of docs/performance.json, for every part.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readRuns } from '../../bench/keeping.ts';
import { renderPage, renderPlots } from '../../bench/page.ts';
import { parts } from '../../bench/parts.ts';

const runs = readRuns('docs/performance.json');
const page = readFileSync('docs/performance.md', 'utf8');

it('holds the figures of every part', () => {
  expect(new Set(Object.keys(runs))).toEqual(new Set(Object.keys(parts)));
});

it('shows the figures that are kept, in tables and plots', () => {
  expect(renderPage(page, runs)).toBe(page);
  for (const [path, svg] of renderPlots(runs)) expect(svg).toBe(readFileSync(`docs/${path}`, 'utf8'));
});

it('says the command of each part', () => {
  for (const part of Object.keys(parts)) expect(page).toContain(`npm run bench -- --only ${part}`);
});

it('has no place for a part that is not there', () => {
  const run = { date: '', machine: '', figures: [] };
  expect(() => renderPage(page, { absent: run })).toThrow('docs/performance.md has no place for absent');
});
