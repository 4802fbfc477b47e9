// Measures the engine on a large cluster: reading it, the whole matrix by classes, and random
// questions. Run by `npm run bench`.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readWorld } from '../src/commands/world.ts';
import type { Inventory } from '../src/network/inventory.ts';
import type { Pod } from '../src/network/world.ts';
import { fileConfig } from '../src/process/configuration.ts';
import { createBatchAnswerer } from '../src/reach/batch.ts';
import { createDesk } from '../src/reach/desk.ts';
import { type ClusterSize, fullSize, writeCluster } from './cluster-file.ts';
import type { Figure } from './figures.ts';

/**
 * The figures of one size: elapsed seconds, processor seconds (which other load does not change),
 * and the peak memory of the whole process in MB (10^6 bytes).
 */
interface NetworkFigures {
  readonly pods: number;
  readonly fileMegabytes: number;
  readonly classes: number;
  readonly allowedPairs: number;
  readonly loadSeconds: number;
  readonly loadProcessorSeconds: number;
  readonly loadPeakMegabytes: number;
  readonly matrixSeconds: number;
  readonly matrixProcessorSeconds: number;
  readonly querySeconds: number;
  readonly queryProcessorSeconds: number;
  readonly explainedQuerySeconds: number;
  readonly explainedQueryProcessorSeconds: number;
  readonly peakMegabytes: number;
  readonly explainedPeakMegabytes: number;
}

const rows: readonly (readonly [label: string, key: keyof NetworkFigures, unit: string, target?: number])[] = [
  ['pods', 'pods', 'pods'],
  ['file', 'fileMegabytes', 'MB'],
  ['classes of equal pods', 'classes', 'classes'],
  ['pairs of classes that reach', 'allowedPairs', 'pairs'],
  ['reading the file', 'loadSeconds', 's'],
  ['reading the file, processor', 'loadProcessorSeconds', 's'],
  ['peak memory after reading', 'loadPeakMegabytes', 'MB', 300],
  ['the whole matrix', 'matrixSeconds', 's', 2],
  ['the whole matrix, processor', 'matrixProcessorSeconds', 's'],
  ['100,000 questions', 'querySeconds', 's', 1],
  ['100,000 questions, processor', 'queryProcessorSeconds', 's'],
  ['peak memory', 'peakMegabytes', 'MB', 300],
  ['100,000 questions as JSON lines with reasons', 'explainedQuerySeconds', 's'],
  ['100,000 questions as JSON lines with reasons, processor', 'explainedQueryProcessorSeconds', 's'],
  ['peak memory after them', 'explainedPeakMegabytes', 'MB'],
];

/** The figures of the full size, each with its growth from a tenth of that size. */
export async function benchNetwork(): Promise<readonly Figure[]> {
  const [tenth, full] = await measureSizes();
  if (tenth === undefined || full === undefined) throw new Error('a measurement is missing');
  return rows.flatMap(([label, key, unit, target]) => [
    { label, value: full[key], unit, ...(target === undefined ? {} : { target }) },
    { label: `${label}, against a tenth of the size`, value: full[key] / tenth[key], unit: '×' },
  ]);
}

/**
 * Measures the full size and a tenth of it, each in its own process, so that their peaks stay
 * separate.
 */
async function measureSizes(): Promise<readonly NetworkFigures[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  try {
    const figures: NetworkFigures[] = [];
    for (const namespaces of [fullSize.namespaces / 10, fullSize.namespaces]) {
      const size: ClusterSize = { ...fullSize, namespaces };
      const file = join(folder, `${namespaces}.json`);
      await writeCluster(file, size);
      const own = fileURLToPath(import.meta.url);
      const { stdout } = await promisify(execFile)(process.execPath, [own, file]);
      figures.push(JSON.parse(stdout) as NetworkFigures);
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The number of questions that the target names. */
const queryCount = 100_000;

async function measure(file: string): Promise<NetworkFigures> {
  const loaded = await timed(() => load(file));
  const { inventory } = loaded;
  const loadPeakMegabytes = peakMegabytes();
  const desk = createDesk(inventory);
  const matrix = await timed(async () => ({ allowedPairs: countAllowed(desk) }));
  const { pods } = inventory.world;
  const plain = await timed(async () => {
    for (const { from, to, port } of randomQuestions(pods.length)) {
      const [source, destination] = [pods[from], pods[to]];
      if (source === undefined || destination === undefined)
        throw new Error('a question names a pod that is not there');
      desk.evaluator.answer({ from: { pod: source }, to: { pod: destination }, protocol: 'TCP', port });
    }
    return { peak: peakMegabytes() };
  });
  const answerer = createBatchAnswerer(desk);
  const explained = await timed(async () => {
    for (const { from, to, port } of randomQuestions(pods.length))
      answerer.answer(JSON.stringify({ from: nameOf(pods[from]), to: nameOf(pods[to]), protocol: 'TCP', port }));
    return {};
  });
  if (answerer.counts.answered !== queryCount) throw new Error('some questions were not answered');
  return {
    pods: inventory.world.pods.length,
    fileMegabytes: (await stat(file)).size / 1e6,
    classes: desk.evaluator.classes.all.length,
    allowedPairs: matrix.allowedPairs,
    loadSeconds: loaded.seconds,
    loadProcessorSeconds: loaded.processorSeconds,
    loadPeakMegabytes,
    matrixSeconds: matrix.seconds,
    matrixProcessorSeconds: matrix.processorSeconds,
    querySeconds: plain.seconds,
    queryProcessorSeconds: plain.processorSeconds,
    explainedQuerySeconds: explained.seconds,
    explainedQueryProcessorSeconds: explained.processorSeconds,
    peakMegabytes: plain.peak,
    explainedPeakMegabytes: peakMegabytes(),
  };
}

/** Loads the file as the commands do. */
async function load(file: string): Promise<{ inventory: Inventory }> {
  const config = fileConfig(undefined, 'ringfence-system');
  return { inventory: await readWorld({ paths: [file], live: {}, config, fenced: false, notes: [] }) };
}

/** Looks at every pair of classes, so that nothing is left to be computed later. */
function countAllowed(desk: ReturnType<typeof createDesk>): number {
  const matrix = desk.matrix();
  const row = new Uint32Array(matrix.classes.length);
  let count = 0;
  for (const from of matrix.classes)
    for (const id of matrix.row(from, row)) if (matrix.reachOf(id).allowed.length > 0) count += 1;
  return count;
}

/** Pods by their index in the list. */
function* randomQuestions(pods: number): Generator<{ from: number; to: number; port: number }> {
  // A linear congruential generator (Numerical Recipes) gives the same questions in each run.
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let index = 0; index < queryCount; index += 1)
    yield { from: next(pods), to: next(pods), port: [8080, 443, 5432][next(3)] ?? 80 };
}

function nameOf(pod: Pod | undefined): string {
  return `${pod?.namespace}/${pod?.name}`;
}

interface Timed {
  readonly seconds: number;
  readonly processorSeconds: number;
}

async function timed<T extends object>(work: () => Promise<T>): Promise<T & Timed> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { ...result, seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 };
}

/** The peak memory of this process. The system counts it in KiB. */
function peakMegabytes(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}

const [file] = process.argv.slice(2);
if (process.argv[1] === fileURLToPath(import.meta.url) && file !== undefined)
  process.stdout.write(JSON.stringify(await measure(file)));
