// Checks that memory stays constant during minutes of steady reviews, while NetworkPolicies are
// created and deleted. `npm run bench -- --only soak [--minutes N]`.
import { setTimeout as delay } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { identity } from './stage/population.ts';
import { onStage, type Stage } from './stage/stage.ts';
import { mean, slope } from './statistics.ts';
import { sendLoad } from './webhook/load.ts';
import { readResident, reviewPath, type Server, together } from './webhook/measure.ts';
import { deploymentReview, networkPolicyReview, podReview } from './webhook/reviews.ts';
import { settle } from './webhook/settling.ts';

/**
 * For each second: reviews at the port, with the kinds in turn, and NetworkPolicies that are
 * created and deleted through the API server.
 */
const reviews = 1_000;
const policies = 5;

const bodies: readonly string[] = [
  podReview('fenced', 3_000),
  podReview('unfenced', 20_000),
  podReview('fenced', 3_000, { app: 'web', env: 'prd', tier: 'api' }),
  deploymentReview('fenced', 3_000),
  networkPolicyReview('unfenced', 4_000),
];

/**
 * MB a minute that count as constant. Ten minutes would show a growth of 30 MB an hour, and garbage
 * collection alone varies less.
 */
const flat = 0.5;

interface Sample {
  readonly minute: number;
  readonly megabytes: number;
}

export async function benchSoak({ say, minutes, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const length = isQuick ? 0.2 : minutes;
  return onStage({ namespaces: 500, fencedOneIn: 1 }, async (stage) => {
    const ringfence = await stage.startRingfence();
    await stage.setMode('enforce');
    await settle();
    const samples: Sample[] = [];
    const begun = performance.now();
    const minute = (): number => (performance.now() - begun) / 60_000;
    let sent = 0;
    for (let second = 0; minute() < length; second += 1) {
      const pause = delay(1_000);
      await Promise.all([review(ringfence, bodies[second % bodies.length] ?? ''), stir(stage, second)]);
      sent += reviews;
      samples.push({ minute: minute(), megabytes: readResident(ringfence.pid).all });
      if (second % 15 === 0)
        say(`minute ${minute().toFixed(1)} of ${length}: ${samples.at(-1)?.megabytes.toFixed(0)} MB`);
      await pause;
    }
    return figuresOf(samples, length, sent);
  });
}

async function review({ port, ca }: Server, body: string): Promise<void> {
  await sendLoad({ port, ca, path: reviewPath('enforce'), body, connections: together, requests: reviews });
}

/** Gives the caches and the gate work to do. */
async function stir({ cluster }: Stage, second: number): Promise<void> {
  const path = '/apis/networking.k8s.io/v1/namespaces/fenced/networkpolicies';
  const names = Array.from({ length: policies }, (_, index) => `soak-${second}-${index}`);
  for (const name of names) {
    const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] };
    await cluster.request('POST', path, { body: { metadata: { name, labels: identity }, spec }, timeoutMs: 30_000 });
  }
  for (const name of names) await cluster.request('DELETE', `${path}/${name}`, { timeoutMs: 30_000 });
}

function figuresOf(samples: readonly Sample[], length: number, sent: number): readonly Figure[] {
  // The first third is left out, because some memory grows only once: warmed-up code and the young
  // generation.
  const late = samples.filter(({ minute }) => minute >= length / 3);
  const perMinute = [...Map.groupBy(samples, ({ minute }) => Math.floor(minute))];
  return [
    ...perMinute.map(([minute, some]): Figure => {
      const megabytes = mean(some.map((sample) => sample.megabytes));
      return { of: `minute ${minute + 1}`, label: 'resident memory, average', value: megabytes, unit: 'MB' };
    }),
    { label: 'reviews', value: sent, unit: 'reviews' },
    {
      label: 'most resident memory',
      value: Math.max(...samples.map(({ megabytes }) => megabytes)),
      unit: 'MB',
      target: 150,
    },
    {
      label: 'growth over the last two thirds',
      value: slope(late.map(({ minute, megabytes }) => [minute, megabytes])),
      unit: 'MB a minute',
      target: flat,
    },
  ];
}
