// Measures reviews at the webhook's port: processor time and latency, compared with a floor in the
// same run. Called by `npm run bench`.
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { onStage } from './stage/stage.ts';
import { compareWithFloor } from './webhook/measure.ts';
import { deploymentReview, networkPolicyReview, podReview } from './webhook/reviews.ts';

interface Case {
  readonly label: string;
  readonly body: string;
  readonly mode: 'observe' | 'enforce';
  /** A multiple of the floor. Undefined if the case has another goal. */
  readonly target?: number;
  /**
   * Microseconds above the floor. This is the goal for reviews whose cost grows with their content.
   */
  readonly targetBeyond?: number;
  /**
   * One review at a time. Its goals are processor time (µs) and latency (ms), because such a review
   * pays for its own wake-ups, and the floor's.
   */
  readonly lone?: { readonly processor: number; readonly p50: number };
}

const wrong = { app: 'web', env: 'prd', tier: 'api' };

const cases: readonly Case[] = [
  { label: 'Pod, 3 KB', body: podReview('unfenced', 3_000), mode: 'observe', target: 1.5 },
  { label: 'Pod, 20 KB', body: podReview('unfenced', 20_000), mode: 'observe', target: 1.25 },
  { label: 'Pod with findings, 3 KB', body: podReview('unfenced', 3_000, wrong), mode: 'observe', target: 1.65 },
  { label: 'Deployment, 3 KB', body: deploymentReview('unfenced', 3_000), mode: 'observe', target: 1.5 },
  { label: 'NetworkPolicy, 4 KB', body: networkPolicyReview('unfenced', 4_000), mode: 'observe', targetBeyond: 150 },
  { label: 'Pod, 3 KB, fenced namespace', body: podReview('fenced', 3_000), mode: 'enforce', target: 3 },
  { label: 'Pod, 3 KB, unfenced namespace', body: podReview('unfenced', 3_000), mode: 'enforce', target: 4 },
  {
    label: 'refused Pod, 3 KB, fenced namespace',
    body: podReview('fenced', 3_000, wrong),
    mode: 'enforce',
    target: 3,
  },
  {
    label: 'Pod, 3 KB, fenced namespace, one at a time',
    body: podReview('fenced', 3_000),
    mode: 'enforce',
    lone: { processor: 400, p50: 1.2 },
  },
];

/** Reviews in one measurement, and the number of measurements that count. */
const requests = 6_000;
const rounds = 5;

export async function benchWebhook({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  return onStage({ namespaces: 100, fencedOneIn: 10 }, async (stage) => {
    const [floor, ringfence] = [await stage.startFloor(), await stage.startRingfence()];
    const figures: Figure[] = [];
    let mode = 'observe';
    for (const { label, body, target, targetBeyond, lone, ...one } of cases) {
      if (one.mode !== mode) await stage.setMode(one.mode);
      mode = one.mode;
      const of = `${label}, ${mode}`;
      say(of);
      const size = { requests: isQuick ? requests / 10 : requests, rounds, ...(lone && { connections: 1 }) };
      const given = { body, mode: one.mode, ...size };
      const { ratio, ...measured } = await compareWithFloor(ringfence, floor, given);
      figures.push(
        { of, label: 'against the floor', value: ratio, unit: '× floor', ...(target === undefined ? {} : { target }) },
        {
          of,
          label: 'beyond the floor',
          value: measured.cpuMicroseconds - measured.floorMicroseconds,
          unit: 'µs',
          ...(targetBeyond === undefined ? {} : { target: targetBeyond }),
        },
        {
          of,
          label: 'processor',
          value: measured.cpuMicroseconds,
          unit: 'µs',
          ...(lone && { target: lone.processor }),
        },
        { of, label: 'processor of the floor', value: measured.floorMicroseconds, unit: 'µs' },
        { of, label: 'p50', value: measured.p50Ms, unit: 'ms', ...(lone && { target: lone.p50 }) },
        { of, label: 'p99', value: measured.p99Ms, unit: 'ms' },
      );
    }
    return figures;
  });
}
