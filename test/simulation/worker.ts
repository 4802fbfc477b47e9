import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { type Report, simulate } from './simulation.ts';

/** Seeds to play, one after the other; `isTraced` gives a fingerprint of each history. */
export interface Errand {
  readonly seeds: readonly number[];
  readonly isTraced: boolean;
}

/** What came of them, in their order. */
export interface Outcome {
  readonly reports: readonly Report[];
  /** SHA-256 of each trace; empty where none was asked for. */
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

// A thread of its own: time and chance are the simulation's while it runs.
parentPort?.on('message', (errand: Errand) => {
  void play(errand).then((outcome) => parentPort?.postMessage(outcome));
});
