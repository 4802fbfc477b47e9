import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../docs/threats.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:---|attack|what happened) /.test(line));

it.each(rows.map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row] as const))(
  'docs/threats.md: "%s" is tried by a test that there is',
  (_, row) => {
    const cell = row.slice(0, -2).split(' | ').at(-1) ?? '';
    const [, file = '', name = ''] = /^`(test\/[\w/.-]+\.test\.ts)` "(.+)"$/.exec(cell) ?? [];
    expect(cell, 'the last cell names a file and a test').toContain(file === '' ? '.test.ts' : file);
    const path = new URL(`../${file}`, import.meta.url);
    expect(existsSync(path), file).toBe(true);
    const titles = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes(name));
    expect(titles.length, `${file} has no "${name}"`).toBeGreaterThan(0);
  },
);

it('docs/threats.md has a row for each kind of attack', () => {
  expect(rows.length).toBeGreaterThan(40);
});
