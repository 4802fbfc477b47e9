import { setFlagsFromString } from 'node:v8';
import { FlowLogError, readLines, totalOf } from './log-lines.ts';
import { createReading, type OpenLog } from './reading.ts';
import type { Observation } from './record.ts';

interface ReadOptions {
  /**
   * Called as bytes of the files are read. The total is undefined if some of it comes from a pipe.
   */
  readonly progress?: (bytes: number, total: number | undefined) => void;
}

/**
 * Reads flow logs, each of any kind, of any node, plain or compressed with gzip. `-` is the
 * standard input. The memory grows with the flows, not with the lines.
 *
 * @throws FlowLogError if a file cannot be read, or if no line of any file is of a known kind
 */
export async function readObservation(files: readonly string[], options: ReadOptions = {}): Promise<Observation> {
  // Each line becomes garbage at once. V8 would answer with a young generation of 96 MB, which
  // makes nothing faster here. The default of this flag is 2.
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await readFiles(files, options);
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2');
  }
}

async function readFiles(files: readonly string[], options: ReadOptions): Promise<Observation> {
  const total = await totalOf(files);
  const reading = createReading();
  let bytes = 0;
  const logs: OpenLog[] = [];
  for (const file of files) {
    const log = reading.open(file);
    const { isCut } = await readLines(
      file,
      (line) => log.take(line),
      (count) => {
        bytes += count;
        options.progress?.(bytes, total);
      },
    );
    log.end();
    log.sawWhole(isCut);
    logs.push(log);
  }
  if (logs.some((log) => log.unread() !== 'empty') && logs.every((log) => log.format() === undefined))
    throw new FlowLogError(`${files.join(', ')}: no line is one of ${reading.kinds}`);
  return reading.conclude();
}
