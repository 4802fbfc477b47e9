import { stat } from 'node:fs/promises';
import { readObservation } from '../flows/read.ts';
import type { Observation } from '../flows/record.ts';

/** Flow logs that are read again while they grow. */
export interface ObservedLogs {
  /**
   * Reads the logs. Those that have not changed since the last time are not read again. Throws an
   * Error that names the file.
   */
  read(): Promise<Observation>;
  /** When they were looked at last, in milliseconds since 1970. */
  lookedAt(): number;
}

/** Throws an Error that names the file if one can be read only once. `what` it is, as a plural. */
export async function refusePipes(files: readonly string[], what: string): Promise<void> {
  const pipes = await Promise.all(files.map(isPipe));
  for (const [index, file] of files.entries())
    if (pipes[index] === true)
      throw new Error(`${file}: a pipe can be read only once, and view reads its ${what} again; write them to a file`);
}

/** Throws an Error that names the file if one can be read only once. */
export async function openLogs(files: readonly string[]): Promise<ObservedLogs> {
  await refusePipes(files, 'logs');
  let last: { readonly state: string; readonly observation: Observation } | undefined;
  let lookedAt = 0;
  return {
    async read() {
      const now = Date.now();
      // A log that grows while it is read is read again the next time.
      const state = await stateOf(files);
      if (state !== last?.state) last = { state, observation: await readObservation(files) };
      lookedAt = now;
      return last.observation;
    },
    lookedAt: () => lookedAt,
  };
}

async function isPipe(file: string): Promise<boolean> {
  if (file === '-') return true;
  // What does not exist, or is a folder, has an error of its own when it is read.
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** Differs when a log has grown, was written anew or was replaced. */
async function stateOf(files: readonly string[]): Promise<string> {
  const all = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)));
  return all.map((one) => (one === undefined ? '' : `${one.ino} ${one.size} ${one.mtimeNs}`)).join('\n');
}
