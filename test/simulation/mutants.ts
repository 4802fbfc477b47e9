import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePart } from '../../scripts/testing-page.ts';
import { mutate } from '../mutations/edit.ts';
import { type Mutation, mutations } from './mutations.ts';
import type { Summary } from './summary.ts';

const root = join(import.meta.dirname, '..', '..');

/** Plays seeds on a copy of the code with a mutation in it. */
export async function playMutant(mutation: Mutation, seeds: number): Promise<Pick<Summary, 'failed'>> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-simulation-'));
  try {
    for (const part of ['src', 'test', 'scripts', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, text] of mutate(root, mutation)) writeFileSync(join(folder, file), text);
    return JSON.parse(await runScript(folder, seeds)) as Summary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runScript(folder: string, seeds: number): Promise<string> {
  const script = join(folder, 'scripts', 'simulate.ts');
  const child = spawn(process.execPath, [script, '--json', '--seeds', String(seeds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 || code === 1) resolve(output);
      else reject(new Error(`the simulation could not run: exit ${code}`));
    });
  });
}

/**
 * Plays every mutant and writes the table of docs/testing.md. Resolves to false if one that should
 * be noticed was not.
 */
export async function writeMutationsTable(seeds: number): Promise<boolean> {
  const rows: string[] = [];
  let missed = 0;
  for (const mutation of mutations) {
    const { failed } = await playMutant(mutation, seeds);
    const first = failed[0];
    if (first === undefined && mutation.heldBy === undefined) missed += 1;
    const noticed = first === undefined ? (mutation.heldBy ?? 'nothing') : `${first.seed}: ${first.failure}`;
    const files = [...new Set(mutation.edits.map(({ file }) => `\`${file.replace('src/', '')}\``))].join(', ');
    rows.push(`| ${mutation.name} | ${files} | ${failed.length} | ${noticed} |`);
    console.info(`${failed.length} of ${seeds} seeds notice: ${mutation.name}`);
  }
  const head = ['| mistake | file | failing seeds | the first of them, and what did not hold |', '|---|---|---|---|'];
  const text = [`Of ${seeds} seeds each:`, '', ...head, ...rows].join('\n');
  writePart('simulation mutations', 'npm run simulate -- --mutations', text);
  return missed === 0;
}
