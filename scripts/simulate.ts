// Plays the simulation of test/simulation: `npm run simulate -- --seeds 100000 [--from N]`, or one
// seed as a story: `--seed N --trace`. `--mutations` breaks the code on purpose, one change at a
// time, and writes what noticed into docs/testing.md. Exits 0 if everything held, 1 if something
// did not (or broken code passed), 2 if the arguments are wrong.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { playAll } from '../test/simulation/crew.ts';
import { writeMutationsTable } from '../test/simulation/mutants.ts';
import { type Report, simulate } from '../test/simulation/simulation.ts';
import { renderSummary, type Summary, summarize } from '../test/simulation/summary.ts';

const usage = `usage: simulate [--seeds N] [--from N] [--json]
       simulate --seed N [--trace]
       simulate --mutations [--seeds N]`;

interface Arguments {
  readonly seeds: number;
  readonly from: number;
  readonly seed: number | undefined;
  readonly trace: boolean;
  readonly json: boolean;
  readonly mutations: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      mutations: { type: 'boolean', default: false },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is "${text}"; it takes a whole number below 1000000000`);
    return Number(text);
  };
  return {
    ...values,
    seeds: whole('seeds', values.seeds),
    from: whole('from', values.from),
    seed: values.seed === undefined ? undefined : whole('seed', values.seed),
  };
}

async function playOne(seed: number, isTraced: boolean): Promise<boolean> {
  const lines: string[] = [];
  const report = await simulate(seed, isTraced ? (line) => lines.push(line) : undefined);
  for (const line of lines) console.info(line);
  for (const failure of report.failures) console.info(`seed ${seed}: ${failure}`);
  if (report.failures.length === 0) console.info(`seed ${seed}: everything held, in ${report.steps} steps`);
  return report.failures.length === 0;
}

async function playMany({ from, seeds, json }: Arguments): Promise<Summary> {
  const reports: Report[] = [];
  const begun = performance.now();
  let saidAt = begun;
  await playAll({ from, seeds }, availableParallelism(), (more) => {
    reports.push(...more);
    // Prints a line every five seconds, for a person who waits.
    if (json || performance.now() - saidAt < 5_000) return;
    saidAt = performance.now();
    const failed = reports.filter(({ failures }) => failures.length > 0).length;
    const rate = reports.length / ((saidAt - begun) / 1000);
    const left = Math.round((seeds - reports.length) / rate);
    console.error(
      `${reports.length} of ${seeds} seeds, ${failed} failed, ${Math.round(rate)} a second, ${left} s to go`,
    );
  });
  return summarize(reports);
}

async function run(given: Arguments): Promise<boolean> {
  if (given.mutations) return writeMutationsTable(given.seeds);
  if (given.seed !== undefined) return playOne(given.seed, given.trace);
  const begun = performance.now();
  const summary = await playMany(given);
  if (given.json) console.info(JSON.stringify({ seeds: summary.seeds, failed: summary.failed }));
  else {
    for (const line of renderSummary(summary)) console.info(line);
    console.error(`${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  return summary.failed.length === 0;
}

try {
  if (!(await run(readArguments()))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(usage);
  process.exitCode = 2;
}
