// Measures the memory of the process: idle, after many reviews, and with the caches of a large
// cluster. Called by `npm run bench`.
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Ringfence } from './stage/ringfence.ts';
import { onStage, type Stage } from './stage/stage.ts';
import { sendLoad } from './webhook/load.ts';
import { readResident, reviewPath, together } from './webhook/measure.ts';
import { podReview } from './webhook/reviews.ts';
import { settle } from './webhook/settling.ts';

interface Case {
  readonly of: string;
  readonly namespaces: number;
  /** The process's whole memory in MB, at rest and after the reviews. */
  readonly targets: readonly [atRest: number, afterReviews: number];
}

const cases: readonly Case[] = [
  { of: '100 namespaces, 200 policies', namespaces: 100, targets: [110, 150] },
  { of: '5,000 namespaces, 10,000 policies', namespaces: 5_000, targets: [150, 150] },
];

/** Half of them have 3 KB, and half have 20 KB, which leave the most garbage. */
const reviews = 100_000;

export async function benchMemory({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { of, namespaces, targets } of cases) {
    say(`${of}: making them`);
    const count = isQuick ? namespaces / 10 : namespaces;
    // Every namespace but `unfenced` has the two policies of its baseline.
    const measured = await onStage({ namespaces: count, fencedOneIn: 1 }, async (stage) => {
      const ringfence = await stage.startRingfence();
      await settle();
      const atRest = await weigh(ringfence);
      say(`${of}: ${atRest.all.toFixed(0)} MB; ${reviews} reviews`);
      await review(stage, ringfence, isQuick ? reviews / 10 : reviews);
      await settle();
      return { atRest, afterReviews: await weigh(ringfence) };
    });
    figures.push(
      ...figuresOf(`${of}, idle`, measured.atRest, targets[0]),
      ...figuresOf(`${of}, after ${reviews.toLocaleString('en')} reviews`, measured.afterReviews, targets[1]),
    );
  }
  return figures;
}

interface Weight {
  readonly all: number;
  readonly files: number;
  readonly heap: number;
}

async function weigh(ringfence: Ringfence): Promise<Weight> {
  const heap = (await ringfence.metrics()).get('nodejs_heap_size_total_bytes') ?? Number.NaN;
  return { ...readResident(ringfence.pid), heap: heap / 1024 ** 2 };
}

function figuresOf(of: string, { all, files, heap }: Weight, target: number): readonly Figure[] {
  return [
    { of, label: 'resident', value: all, unit: 'MB', target },
    { of, label: 'of it Node itself, shared', value: files, unit: 'MB' },
    { of, label: 'JavaScript heap', value: heap, unit: 'MB' },
    { of, label: 'all else', value: all - files - heap, unit: 'MB' },
  ];
}

async function review({ setMode }: Stage, ringfence: Ringfence, requests: number): Promise<void> {
  const { port, ca } = ringfence;
  for (const mode of ['observe', 'enforce'] as const) {
    await setMode(mode);
    for (const bytes of [3_000, 20_000]) {
      const body = podReview('fenced', bytes);
      await sendLoad({ port, ca, path: reviewPath(mode), body, connections: together, requests: requests / 4 });
    }
  }
}
