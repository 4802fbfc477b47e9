// Writes the tables of docs/testing.md from the records of the drills.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePart } from '../../scripts/testing-page.ts';
import type { DrillRecord } from './record.ts';

/** The records that the page shows, by the file of the drills. */
const store = join(import.meta.dirname, '..', '..', 'docs', 'drills.json');

/** The effect of broken code on a drill. */
export interface MutationOutcome {
  readonly name: string;
  readonly files: readonly string[];
  readonly drill: string;
  /** The message of the first failure; undefined if every test passed. */
  readonly failure: string | undefined;
}

/** Formats a table for each part. */
export function renderRecords(records: readonly DrillRecord[]): string {
  return [...Map.groupBy(records, ({ part }) => part)]
    .map(([part, drills]) => {
      const rows = drills.map(({ drill, writes, failed, wrong, recoveryMs, remark = '' }) => {
        const recovery = recoveryMs === undefined ? '' : `${(recoveryMs / 1000).toFixed(1)} s`;
        return row(drill, String(writes), String(failed), String(wrong), recovery, remark);
      });
      const [first = ''] = part;
      return [
        `#### ${first.toUpperCase()}${part.slice(1)}`,
        '',
        row('drill', 'writes', 'failed', 'wrongly admitted', 'as before after', 'remarks'),
        '|---|---|---|---|---|---|',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}

/**
 * Formats a row for each mutation that was run now or before (then its row is in `table`), in the
 * order of `names`.
 */
export function renderOutcomes(outcomes: readonly MutationOutcome[], names: readonly string[], table = ''): string {
  const played = outcomes.map(({ name, files, drill, failure }) => {
    const texts = files.map((file) => `\`${file.replace('src/', '')}\``).join(', ');
    return row(name, texts, `\`${drill}\``, failure ?? 'nothing');
  });
  const before = table.split('\n');
  const rows = names.flatMap((name) => [...played, ...before].find((line) => line.startsWith(`| ${name} |`)) ?? []);
  return [row('mistake', 'file', 'drill', 'what it says'), '|---|---|---|---|', ...rows].join('\n');
}

/**
 * Stores the records of some files of drills, together with those of the others, and writes all of
 * them to the page.
 */
export function writeRecords(recorded: ReadonlyMap<string, readonly DrillRecord[]>, command: string): void {
  const before = JSON.parse(readFileSync(store, 'utf8')) as Record<string, readonly DrillRecord[]>;
  const all = Object.entries({ ...before, ...Object.fromEntries(recorded) }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(store, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
  writePart('drills', command, renderRecords(all.flatMap(([, records]) => records)));
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
