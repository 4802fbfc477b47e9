import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareFigures, type Figure, renderFigures, showFigures } from '../../bench/figures.ts';
import { keepRuns, type PartRun, readRuns } from '../../bench/keeping.ts';

const figures: readonly Figure[] = [
  { of: 'observe', label: 'added', value: 1.234, unit: 'ms', target: 100 },
  { of: 'enforce', label: 'added', value: 150.4, unit: 'ms', target: 100 },
  { label: 'bundle', value: 4, unit: 'MB' },
];

it('shows each figure on a line, and whether its goal is met', () => {
  expect(showFigures(figures)).toBe(
    [
      'observe: added       1.23 ms  (within 100)',
      'enforce: added        150 ms  (above 100)',
      'bundle                  4 MB',
    ].join('\n'),
  );
});

it('renders cases as the rows of a table, and what stands alone in another', () => {
  expect(renderFigures(figures)).toBe(
    [
      '|  | added (ms) |',
      '| --- | --- |',
      '| observe | 1.23 (goal 100: met) |',
      '| enforce | 150 (goal 100: **not met**) |',
      '',
      '|  | measured | goal |',
      '| --- | --- | --- |',
      '| bundle | 4 MB |  |',
    ].join('\n'),
  );
});

it('compares figures of the same case and name, and says what only one run has', () => {
  const before: readonly Figure[] = [
    { of: 'observe', label: 'added', value: 1, unit: 'ms' },
    { of: 'warn', label: 'added', value: 1, unit: 'ms' },
  ];
  expect(compareFigures(before, figures).split('\n')).toEqual([
    'observe: added  1 -> 1.23 ms  23 %',
    'enforce: added  new: 150 ms',
    'bundle          new: 4 MB',
    'warn: added     not measured now',
  ]);
});

it('keeps a part beside those that were measured before, and in place of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-figures-'));
  try {
    const file = join(folder, 'figures.json');
    const run = (value: number): PartRun => ({
      date: '2026-11-25',
      machine: 'm',
      figures: [{ label: 'x', value, unit: 's' }],
    });
    keepRuns(file, { memory: run(1), growth: run(2) });
    expect(keepRuns(file, { growth: run(3) })).toEqual({ memory: run(1), growth: run(3) });
    expect(readRuns(file)).toEqual({ memory: run(1), growth: run(3) });
    expect(readFileSync(file, 'utf8')).toMatch(/\n$/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
