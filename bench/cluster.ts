// Measures what Ringfence adds to writes from the client's point of view: Pods are created through
// the API server of a cluster with Ringfence and of one without it. Called by `npm run bench`.
import type { Figure } from './figures.ts';
import type { BenchOptions } from './options.ts';
import { measureBundle, type Ringfence } from './stage/ringfence.ts';
import { onStage, type Stage } from './stage/stage.ts';
import { mean, median, quantile } from './statistics.ts';
import { createPods, type Writes } from './writes.ts';

interface Case {
  readonly of: string;
  readonly mode: 'observe' | 'enforce';
  readonly namespace: string;
}

const cases: readonly Case[] = [
  { of: 'observe', mode: 'observe', namespace: 'unfenced' },
  { of: 'enforce, fenced namespace', mode: 'enforce', namespace: 'fenced' },
  { of: 'enforce, unfenced namespace', mode: 'enforce', namespace: 'unfenced' },
];

/** Pods in one turn, and turns of each case. */
const pods = 500;
const rounds = 8;

/** How often the process is started. The figure is the median. */
const starts = 5;

export async function benchCluster({ say, isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const population = { namespaces: 100, fencedOneIn: 10 };
  const count = isQuick ? pods / 10 : pods;
  return onStage(population, (bare) =>
    onStage(population, async (stage) => {
      // Not pinned to one core, because here the API server needs processors at the same time.
      const ringfence = await stage.startRingfence({ isPinned: false });
      const without: Writes[] = [];
      const figures: Figure[] = [];
      for (const { of, mode, namespace } of cases) {
        await stage.setMode(mode);
        const warmUp = { namespace, count };
        await createPods(bare.cluster, warmUp);
        await createPods(stage.cluster, warmUp);
        const turns: Turn[] = [];
        for (let round = 1; round <= rounds; round += 1) {
          say(`${of}: turn ${round} of ${rounds}`);
          turns.push(await takeTurn(bare, stage, ringfence, { namespace, count }));
        }
        without.push(...turns.map((turn) => turn.without));
        figures.push(...figuresOf(of, turns, count));
      }
      await ringfence.stop();
      say(`${starts} starts`);
      const startMs = await measureStarts(stage);
      return [
        {
          of: 'no webhook',
          label: 'created',
          value: median(without.map(({ perSecond }) => perSecond)),
          unit: 'a second',
        },
        { of: 'no webhook', label: 'average', value: mean(without.flatMap(({ latencies }) => latencies)), unit: 'ms' },
        {
          of: 'no webhook',
          label: 'p99',
          value: quantile(
            without.flatMap(({ latencies }) => latencies),
            0.99,
          ),
          unit: 'ms',
        },
        ...figures,
        { label: 'start to ready, median', value: startMs, unit: 'ms' },
        { label: 'bundle', value: measureBundle(), unit: 'MB' },
      ];
    }),
  );
}

interface Turn {
  readonly without: Writes;
  readonly ringfence: Writes;
  /** Reviews that Ringfence answered during the turn, and calls that it made. */
  readonly reviews: number;
  readonly calls: number;
}

/** Measures without and with Ringfence, one after the other. */
async function takeTurn(
  bare: Stage,
  stage: Stage,
  ringfence: Ringfence,
  pods: { readonly namespace: string; readonly count: number },
): Promise<Turn> {
  const without = await createPods(bare.cluster, pods);
  const before = await ringfence.metrics();
  const written = await createPods(stage.cluster, pods);
  const after = await ringfence.metrics();
  const grown = (family: string): number => (after.get(family) ?? 0) - (before.get(family) ?? 0);
  return {
    without,
    ringfence: written,
    reviews: grown('ringfence_reviews_total'),
    calls: grown('ringfence_api_calls_total'),
  };
}

function figuresOf(of: string, turns: readonly Turn[], count: number): readonly Figure[] {
  const latencies = turns.flatMap(({ ringfence }) => ringfence.latencies);
  const bare = turns.flatMap(({ without }) => without.latencies);
  const added = turns.map(({ ringfence, without }) => mean(ringfence.latencies) - mean(without.latencies));
  const addedP99 = quantile(latencies, 0.99) - quantile(bare, 0.99);
  return [
    { of, label: 'created', value: median(turns.map(({ ringfence }) => ringfence.perSecond)), unit: 'a second' },
    { of, label: 'average', value: mean(latencies), unit: 'ms' },
    { of, label: 'p99', value: quantile(latencies, 0.99), unit: 'ms' },
    { of, label: 'added on average', value: median(added), unit: 'ms' },
    // Gatekeeper advises to stay below this value. Kyverno publishes 378 ms at 200 users.
    { of, label: 'added to p99', value: addedP99, unit: 'ms', target: 100 },
    { of, label: 'webhook calls', value: mean(turns.map(({ reviews }) => reviews / count)), unit: 'a write' },
    { of, label: 'calls of its own', value: mean(turns.map(({ calls }) => calls / count)), unit: 'a write' },
  ];
}

async function measureStarts(stage: Stage): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const ringfence = await stage.startRingfence({ isPinned: false });
    times.push(ringfence.startMs);
    await ringfence.stop();
  }
  return median(times);
}
