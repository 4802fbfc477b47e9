// `npm run drills` breaks everything that can break, on a real control plane, in about a quarter of
// an hour. `--only TEXT` runs the files whose name contains the text. `--write` writes the drills
// that held into docs/drills.json and docs/testing.md; drills that did not run keep their rows.
// `--mutations` breaks the code on purpose instead, one change at a time, and writes which drill
// noticed. Exits 0 if everything held, 1 if something did not, 2 if the arguments are wrong.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { playMutant } from '../test/drills/mutants.ts';
import { mutations } from '../test/drills/mutations.ts';
import type { DrillRecord } from '../test/drills/record.ts';
import { type MutationOutcome, renderOutcomes, renderRecords, writeRecords } from '../test/drills/report.ts';
import { readPart, writePart } from './testing-page.ts';

const root = join(import.meta.dirname, '..');
const usage = 'usage: drills [--only TEXT] [--write]\n       drills --mutations [--only TEXT]';

async function runDrills(only: string, isWritten: boolean): Promise<boolean> {
  const files = globSync('test/drills/*.test.ts', { cwd: root })
    .filter((file) => basename(file).includes(only))
    .sort();
  if (files.length === 0) throw new Error(`no drill's name holds "${only}"`);
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-drills-'));
  const begun = performance.now();
  const recorded = new Map<string, readonly DrillRecord[]>();
  try {
    for (const [index, file] of files.entries()) {
      const name = basename(file);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      console.error(`\n${name}: ${index + 1} of ${files.length}, ${seconds} s so far`);
      const kept = join(folder, name);
      if ((await runFile(file, kept)) === 0) recorded.set(name, readRecords(kept));
    }
    console.info(`\n${renderRecords([...recorded.values()].flat())}\n`);
    if (isWritten) writeRecords(recorded, 'npm run drills -- --write');
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    console.error(`${recorded.size} of ${files.length} files of drills held, in ${minutes} minutes`);
    return recorded.size === files.length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readRecords(kept: string): readonly DrillRecord[] {
  const lines = existsSync(kept) ? readFileSync(kept, 'utf8').trimEnd().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as DrillRecord);
}

function runFile(file: string, kept: string): Promise<number | null> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'drills', file, '--reporter=default'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, RINGFENCE_DRILLS: kept, RINGFENCE_FULL: '1' },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

async function runMutations(only: string): Promise<boolean> {
  const chosen = mutations.filter(({ file, name }) => file.includes(only) || name.includes(only));
  const outcomes: MutationOutcome[] = [];
  for (const [index, mutation] of chosen.entries()) {
    const outcome = await playMutant(mutation);
    outcomes.push(outcome);
    const noticed = outcome.failure === undefined ? 'NOT NOTICED' : 'noticed';
    console.error(`${index + 1} of ${chosen.length}, ${noticed}: ${mutation.name} (${outcome.failure ?? ''})`);
  }
  const names = mutations.map(({ name }) => name);
  const table = renderOutcomes(outcomes, names, readPart('drill mutations'));
  writePart('drill mutations', 'npm run drills -- --mutations', table);
  return outcomes.every(({ failure }) => failure !== undefined);
}

try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
      mutations: { type: 'boolean', default: false },
    },
  });
  const held = values.mutations ? await runMutations(values.only) : await runDrills(values.only, values.write);
  if (!held) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(usage);
  process.exitCode = 2;
}
