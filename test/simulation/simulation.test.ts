import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint, playAll } from './crew.ts';
import type { Report } from './simulation.ts';
import { summarize } from './summary.ts';

const root = join(import.meta.dirname, '..', '..');
const script = join(root, 'scripts', 'simulate.ts');
// Each test runs a process, or some thousand seeds, beside everything else. The limit is for a busy
// machine.
const timeout = 120_000;

function runScript(...given: string[]): { readonly text: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...given], { encoding: 'utf8' });
  return { text: stdout + stderr, status };
}

describe('the simulation', () => {
  it('finds no Pod before its wall, and no baseline missing in the end, in 2,000 seeds', { timeout }, async () => {
    const reports: Report[] = [];
    await playAll({ from: 1, seeds: 2_000 }, availableParallelism(), (more) => void reports.push(...more));
    const { seeds, failed, walled, exceptions } = summarize(reports);
    expect(failed).toEqual([]);
    expect(seeds).toBe(2_000);
    // Without enough events the test would prove nothing.
    expect(walled).toBeGreaterThan(10_000);
    expect(new Set(exceptions.map(({ kind }) => kind))).toEqual(new Set(['ended', 'breached', 'marked']));
  });

  it('plays a seed the same, whatever was played before it', { timeout }, async () => {
    const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
    const forwards = await fingerprint(seeds);
    const backwards = await fingerprint(seeds.toReversed());
    expect(new Set(forwards.values()).size).toBe(40);
    expect(seeds.map((seed) => backwards.get(seed))).toEqual(seeds.map((seed) => forwards.get(seed)));
  });

  it('tells a seed as a story, to the byte', { timeout }, () => {
    const first = runScript('--seed', '7', '--trace');
    expect(first.status).toBe(0);
    expect(first.text).toMatch(/^ {3}0\.000000 world {6}\{"relistMs":/);
    expect(first.text).toMatch(/seed 7: everything held, in \d+ steps\n$/);
    expect(runScript('--seed', '7', '--trace')).toEqual(first);
  });

  it('says what it takes, where it is asked for something else', { timeout }, () => {
    expect(runScript('--seeds', 'many')).toEqual({
      status: 2,
      text: expect.stringContaining('--seeds is "many"; it takes a whole number') as string,
    });
  });
});
