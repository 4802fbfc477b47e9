import { Worker } from 'node:worker_threads';
import type { Report } from './simulation.ts';
import type { Errand, Outcome } from './worker.ts';

/** Consecutive seeds. */
export interface Range {
  readonly from: number;
  readonly seeds: number;
}

/**
 * Small enough that the threads end together, and large enough that the cost of messages does not
 * matter.
 */
const errandSize = 25;

/**
 * Plays seeds in this number of threads. `onReports` is called with the reports in no particular
 * order. Rejects if a thread fails.
 */
export async function playAll(
  range: Range,
  threads: number,
  onReports: (reports: readonly Report[]) => void,
): Promise<void> {
  const end = range.from + range.seeds;
  let next = range.from;
  const work = async (): Promise<void> => {
    const hand = hire();
    try {
      while (next < end) {
        const seeds = Array.from({ length: Math.min(errandSize, end - next) }, (_, index) => next + index);
        next += seeds.length;
        onReports((await hand.play({ seeds, isTraced: false })).reports);
      }
    } finally {
      await hand.dismiss();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
}

/**
 * Plays seeds in a separate thread, in the given order, and returns the fingerprint of each
 * history.
 */
export async function fingerprint(seeds: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const hand = hire();
  try {
    const { traces } = await hand.play({ seeds, isTraced: true });
    return new Map(seeds.map((seed, index) => [seed, traces[index] ?? '']));
  } finally {
    await hand.dismiss();
  }
}

interface Hand {
  play(errand: Errand): Promise<Outcome>;
  dismiss(): Promise<unknown>;
}

function hire(): Hand {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  return {
    play: (errand) =>
      new Promise((resolve, reject) => {
        worker.once('message', (outcome: Outcome) => {
          worker.off('error', reject);
          resolve(outcome);
        });
        worker.once('error', reject);
        worker.postMessage(errand);
      }),
    dismiss: () => worker.terminate(),
  };
}
