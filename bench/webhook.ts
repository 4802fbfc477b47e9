// Reviews at the webhook's port: processor time, latency and memory, against a floor measured in the same run. Called by `npm run bench`.
import { webhookPaths } from '../src/admission/webhooks.ts';
import type { Figure } from './figures.ts';
import { type Measured, measure, residentMegabytes } from './webhook/measure.ts';
import { deploymentReview, networkPolicyReview, podReview } from './webhook/reviews.ts';
import { setStage } from './webhook/stage.ts';

interface Case {
  readonly label: string;
  readonly body: string;
  readonly mode: 'observe' | 'enforce';
  /** Times the floor; undefined where the goal is another. */
  readonly target?: number;
}

const wrong = { app: 'web', env: 'prd', tier: 'api' };

const cases: readonly Case[] = [
  { label: 'Pod, 3 KB', body: podReview('unfenced', 3_000), mode: 'observe', target: 1.25 },
  { label: 'Pod, 20 KB', body: podReview('unfenced', 20_000), mode: 'observe', target: 1.25 },
  { label: 'Pod with findings, 3 KB', body: podReview('unfenced', 3_000, wrong), mode: 'observe', target: 1.25 },
  { label: 'Deployment, 3 KB', body: deploymentReview('unfenced', 3_000), mode: 'observe', target: 1.25 },
  { label: 'NetworkPolicy, 4 KB', body: networkPolicyReview('unfenced', 4_000), mode: 'observe' },
  { label: 'Pod, 3 KB, fenced namespace', body: podReview('fenced', 3_000), mode: 'enforce', target: 3 },
  { label: 'Pod, 3 KB, unfenced namespace', body: podReview('unfenced', 3_000), mode: 'enforce', target: 4 },
  {
    label: 'refused Pod, 3 KB, fenced namespace',
    body: podReview('fenced', 3_000, wrong),
    mode: 'enforce',
    target: 3,
  },
];

const connections = 16;

/** Reviews of one measurement, and how often it is repeated after the first, which warms both servers up. */
const requests = 6_000;
const rounds = 5;

/** In turns, so that a noisy moment of the machine falls on both; the median of the rounds. */
export async function benchWebhook(say: (text: string) => void): Promise<readonly Figure[]> {
  const stage = await setStage(100);
  try {
    const figures: Figure[] = [
      { label: 'start to ready', value: stage.ringfence.startMs, unit: 'ms' },
      { label: 'resident memory, idle', value: residentMegabytes(stage.ringfence.pid), unit: 'MB', target: 110 },
    ];
    let mode = 'observe';
    let sent = 0;
    for (const { label, body, target, ...one } of cases) {
      if (one.mode !== mode) await stage.setMode(one.mode);
      mode = one.mode;
      say(`${label} (${mode})`);
      // With the query that the API server sends.
      const path = `${mode === 'enforce' ? webhookPaths.enforced : webhookPaths.unenforced}?timeout=5s`;
      const measured: { readonly floor: Measured; readonly ringfence: Measured }[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const given = { body, connections, requests };
        const floor = await measure(stage.floor, { ...given, path: '/' });
        const ringfence = await measure(stage.ringfence, { ...given, path });
        sent += requests;
        if (round > 0) measured.push({ floor, ringfence });
      }
      const of = (figure: (one: (typeof measured)[number]) => number) => median(measured.map(figure));
      const name = `${label}, ${mode}`;
      figures.push(
        {
          label: `${name}: processor against the floor`,
          value: of(({ floor, ringfence }) => ringfence.cpuMicroseconds / floor.cpuMicroseconds),
          unit: '× floor',
          ...(target === undefined ? {} : { target }),
        },
        { label: `${name}: processor`, value: of(({ ringfence }) => ringfence.cpuMicroseconds), unit: 'µs' },
        { label: `${name}: processor of the floor`, value: of(({ floor }) => floor.cpuMicroseconds), unit: 'µs' },
        { label: `${name}: p99`, value: of(({ ringfence }) => ringfence.p99Ms), unit: 'ms' },
      );
    }
    figures.push({
      label: `resident memory after ${sent} reviews`,
      value: residentMegabytes(stage.ringfence.pid),
      unit: 'MB',
      target: 150,
    });
    return figures;
  } finally {
    await stage.end();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
