// Measures how speed and memory change as a cluster grows. Called by `npm run bench`.

import { fenceMany } from './fencing.ts';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { onStage } from './stage/stage.ts';
import { quantile } from './statistics.ts';
import { compareWithFloor, readResident } from './webhook/measure.ts';
import { podReview } from './webhook/reviews.ts';
import { settle } from './webhook/settling.ts';

/** Numbers of namespaces, each with the two policies of its baseline. */
const sizes = [10, 100, 1_000, 5_000, 20_000];

/** The limit on the cost of a review in the largest cluster, relative to the smallest. */
const flat = 1.1;

/** Namespaces that are created one after the other, and in a burst of 16 at a time. */
const single = 100;
const burst = 300;

const requests = 6_000;
const rounds = 5;

/** The row that compares the largest size with the smallest. */
const endToEnd = `${sizes.at(-1)?.toLocaleString('en')} against ${sizes[0]}`;

export async function benchGrowth({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const ratios: Record<'observe' | 'enforce', number[]> = { observe: [], enforce: [] };
  for (const size of sizes) {
    const of = `${size.toLocaleString('en')} namespaces`;
    say(`${of}: making them`);
    const namespaces = isQuick ? Math.ceil(size / 10) + 2 : size;
    await onStage({ namespaces, fencedOneIn: 1 }, async (stage) => {
      const [floor, ringfence] = [await stage.startFloor(), await stage.startRingfence()];
      await settle();
      const idle = readResident(ringfence.pid).all;
      const add = (label: string, value: number, unit: string): void => void figures.push({ of, label, value, unit });
      for (const mode of ['observe', 'enforce'] as const) {
        say(`${of}: reviews in ${mode}`);
        if (mode === 'enforce') await stage.setMode(mode);
        const given = { body: podReview('fenced', 3_000), mode, requests: isQuick ? requests / 10 : requests, rounds };
        const { ratio, cpuMicroseconds } = await compareWithFloor(ringfence, floor, given);
        ratios[mode].push(ratio);
        add(`Pod of 3 KB, ${mode}`, ratio, '× floor');
        add(`Pod of 3 KB, ${mode}`, cpuMicroseconds, 'µs');
      }
      say(`${of}: ${single} more, one at a time, and a burst of ${burst}`);
      const alone = await fenceMany(stage, { prefix: 'alone', count: isQuick ? single / 10 : single, atOnce: 1 });
      add('lag to baseline alone, p50', quantile(alone.lags, 0.5), 'ms');
      add('lag to baseline alone, p99', quantile(alone.lags, 0.99), 'ms');
      const together = await fenceMany(stage, { prefix: 'burst', count: isQuick ? burst / 10 : burst, atOnce: 16 });
      add('fenced in a burst', together.perSecond, 'a second');
      add('lag to baseline in a burst, p50', quantile(together.lags, 0.5), 'ms');
      add('lag to baseline in a burst, p99', quantile(together.lags, 0.99), 'ms');
      add('resident memory, idle', idle, 'MB');
    });
  }
  for (const mode of ['observe', 'enforce'] as const) {
    const value = (ratios[mode].at(-1) ?? 0) / (ratios[mode][0] ?? 0);
    figures.push({ label: `${endToEnd}: Pod of 3 KB, ${mode}`, value, unit: '×', target: flat });
  }
  return figures;
}
