// Measures the command line as users call it, from the start of the process to its end. Called by
// `npm run bench`.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { build } from './stage/ringfence.ts';
import { median } from './statistics.ts';

interface Case {
  readonly of: string;
  readonly command: readonly string[];
  /** Milliseconds, for the median. */
  readonly target?: number;
}

/** Eleven objects in four files, like a repository of one application. */
const folder = 'examples/three-tiers';

/**
 * How often each command runs. The commands take turns, so that other load on the machine affects
 * all of them.
 */
const rounds = 30;

export async function benchCommandLine({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  build();
  // As npm installs it: without sources, so that the bundle runs, and with its own home, hence its
  // own cache.
  const place = mkdtempSync(join(tmpdir(), 'ringfence-command-line-'));
  try {
    for (const path of ['bin', 'dist', 'package.json', 'examples'])
      cpSync(path, join(place, path), { recursive: true });
    return measure(casesIn(place), place, isQuick ? 2 : rounds);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function casesIn(place: string): readonly Case[] {
  const program = join(place, 'bin/ringfence.mjs');
  return [
    { of: 'Node itself (node -e 0)', command: [process.execPath, '-e', '0'] },
    { of: 'ringfence --version', command: [process.execPath, program, '--version'], target: 80 },
    {
      of: `ringfence check ${folder}`,
      command: [process.execPath, program, 'check', folder],
      target: 130,
    },
    {
      of: 'the same in the image, without a cache',
      command: [process.execPath, join(place, 'dist/ringfence.mjs'), 'check', folder],
    },
    {
      of: 'the same in a checkout, from the sources',
      command: [process.execPath, 'bin/ringfence.mjs', 'check', folder],
    },
    { of: 'the same by npm run -s', command: ['npm', 'run', '-s', 'ringfence', '--', 'check', folder] },
  ];
}

function measure(cases: readonly Case[], home: string, count: number): readonly Figure[] {
  const times = new Map(cases.map(({ of }) => [of, [] as number[]]));
  // The first round fills the caches.
  for (let round = -1; round < count; round += 1)
    for (const { of, command } of cases) {
      const time = run(command, home);
      if (round >= 0) times.get(of)?.push(time);
    }
  return cases.flatMap(({ of, target }): Figure[] => {
    const measured = times.get(of) ?? [];
    return [
      { of, label: 'median', value: median(measured), unit: 'ms', ...(target === undefined ? {} : { target }) },
      { of, label: 'least', value: Math.min(...measured), unit: 'ms' },
    ];
  });
}

/** The milliseconds that a command takes. Throws if the command fails. */
function run([file = '', ...args]: readonly string[], home: string): number {
  const env = { PATH: process.env['PATH'], HOME: home };
  const begun = performance.now();
  const { status, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  const time = performance.now() - begun;
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${status}: ${stderr}`);
  return time;
}
