import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { type Report, simulate } from './simulation.ts';

/** The seeds to play, one after the other. `isTraced` asks for a fingerprint of each history. */
export interface Errand {
  readonly seeds: readonly number[];
  readonly isTraced: boolean;
}

/** The results, in the same order. */
export interface Outcome {
  readonly reports: readonly Report[];
  /** The SHA-256 of each trace; empty if none was requested. */
  readonly traces: readonly string[];
}

async function play({ seeds, isTraced }: Errand): Promise<Outcome> {
  const reports: Report[] = [];
  const traces: string[] = [];
  for (const seed of seeds) {
    const hash = isTraced ? createHash('sha256') : undefined;
    reports.push(await simulate(seed, hash && ((line) => void hash.update(`${line}\n`))));
    if (hash !== undefined) traces.push(hash.digest('hex'));
  }
  return { reports, traces };
}

// A separate thread, because a simulation replaces time and chance while it runs.
parentPort?.on('message', (errand: Errand) => {
  void play(errand).then((outcome) => parentPort?.postMessage(outcome));
});
