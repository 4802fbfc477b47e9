// Measures the reading of flow logs: a million lines of a cluster with 400 workloads, 1.4 KB each,
// plain and compressed, in a process of its own. Called by `npm run bench`.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { clusterLog } from '../test/flows/cluster-log.ts';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';

const lines = 1_000_000;
/** Lines that are written at once. */
const batch = 500;

export async function benchFlows({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-flows-'));
  try {
    const count = isQuick ? lines / 100 : lines;
    const figures: Figure[] = [];
    for (const isCompressed of [false, true]) {
      const file = join(folder, isCompressed ? 'flows.jsonl.gz' : 'flows.jsonl');
      say(`writing ${count.toLocaleString('en')} lines`);
      await writeLog(file, count, isCompressed);
      const of = isCompressed ? 'the same, compressed with gzip' : '1,000,000 lines of 1.4 KB';
      const { seconds, megabytes } = readIn(file);
      figures.push(
        // Decompression takes its time too, so the goal is that of the plain log.
        { of, label: 'time', value: seconds, unit: 's', ...(isCompressed ? {} : { target: 30 }) },
        { of, label: 'most memory', value: megabytes, unit: 'MB', target: 200 },
      );
      rmSync(file);
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeLog(path: string, count: number, isCompressed: boolean): Promise<void> {
  const output = createWriteStream(path);
  // Level 1: writing the log is not what is measured.
  if (isCompressed) await pipeline(batches(count), createGzip({ level: 1 }), output);
  else {
    for (const text of batches(count)) if (!output.write(text)) await once(output, 'drain');
    output.end();
    await once(output, 'close');
  }
}

function* batches(count: number): Generator<string> {
  let pending: string[] = [];
  for (const line of clusterLog(count)) {
    pending.push(line);
    if (pending.length < batch) continue;
    yield `${pending.join('\n')}\n`;
    pending = [];
  }
  if (pending.length > 0) yield pending.join('\n');
}

/** Reads a log in a new process, and returns its time and its largest resident memory. */
function readIn(file: string): { readonly seconds: number; readonly megabytes: number } {
  const reader = join(import.meta.dirname, '..', 'src', 'flows', 'read.ts');
  const script = `
    const { readObservation } = await import(${JSON.stringify(reader)});
    const begun = performance.now();
    const { flows } = await readObservation([${JSON.stringify(file)}]);
    if (flows.length === 0) throw new Error('no flow was read');
    const seconds = (performance.now() - begun) / 1000;
    console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the log was not read: ${stderr}`);
  return JSON.parse(stdout) as { seconds: number; megabytes: number };
}
