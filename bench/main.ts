// `npm run bench` measures the speed and memory that the README and the documentation claim.
// `--only PART` runs one part.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { compareFigures, showFigures } from './figures.ts';
import { describeMachine, keepRuns, type PartRun, readRuns } from './keeping.ts';
import { writePage } from './page.ts';
import { onlyByName, parts } from './parts.ts';

const usage = `usage: bench [--only PART]... [--json FILE] [--compare FILE] [--write] [--quick] [--minutes N]
  --only     ${Object.keys(parts).join(', ')}; all but ${[...onlyByName].join()} unless given
  --json     keeps the figures in a file, beside those of other parts that it holds
  --compare  shows what changed since a file was kept
  --write    keeps them in docs/performance.json, and writes docs/performance.md and its plots from it
  --quick    a fraction of the work: to see that it runs, its figures mean nothing
  --minutes  length of the soak, 10 unless given`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      compare: { type: 'string' },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
    },
  });
  const minutes = Number(values.minutes);
  const unknown = values.only?.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such part`);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: a number above 0`);
  if (values.quick && values.write) throw new Error('--quick measures nothing that is worth writing');
  const before = values.compare === undefined ? undefined : readRuns(values.compare);
  const chosen = Object.entries(parts).filter(([name]) => values.only?.includes(name) ?? !onlyByName.has(name));

  console.info(describeMachine());
  for (const [name, bench] of chosen) {
    const begun = performance.now();
    const say = (text: string): void => console.error(`${name}: ${text}`);
    const figures = await bench({ say, minutes, isQuick: values.quick });
    say(`${((performance.now() - begun) / 1000).toFixed(0)} s`);
    console.info(`\n${name}\n${showFigures(figures)}`);
    const old = before?.[name];
    if (old !== undefined)
      console.info(`\n${name}, against ${values.compare} (${old.machine})\n${compareFigures(old.figures, figures)}`);
    // Each part is kept when it is done, even if the next one fails.
    const runs: Record<string, PartRun> = {
      [name]: { date: new Date().toISOString().slice(0, 10), machine: describeMachine(), figures },
    };
    if (values.json !== undefined) keepRuns(values.json, runs);
    if (values.write) await writePage(runs);
  }
}

try {
  await run();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  console.error(usage);
  process.exitCode = 2;
}
