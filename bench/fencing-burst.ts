// Namespaces as a pipeline makes them, many at once, and how long each stands without its baseline.
import PQueue from 'p-queue';
import { namespacesPath } from '../src/cluster/namespaces.ts';
import { eventually } from '../test/e2e/installation.ts';
import { recordWalls, type WallHistory } from '../test/e2e/wall-history.ts';
import { identity } from './stage/population.ts';
import type { Stage } from './stage/stage.ts';
import { quantile } from './statistics.ts';

export interface FencingBurst {
  /** Namespaces from the first creation to the last baseline. */
  readonly perSecond: number;
  /** From the commit of a namespace to that of the last policy of its baseline, as a watch tells of both. */
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
}

const atOnce = 16;

/** Creates namespaces in enforce, 16 at a time, and waits until all are fenced. */
export async function fenceMany({ controlPlane, cluster }: Stage, count: number): Promise<FencingBurst> {
  const history = await recordWalls(controlPlane.adminKubeconfig);
  try {
    const names = Array.from({ length: count }, (_, index) => `burst-${index}`);
    const begun = Date.now();
    const queue = new PQueue({ concurrency: atOnce });
    await queue.addAll(
      names.map((name) => () => {
        const body = { metadata: { name, labels: identity } };
        return cluster.request('POST', namespacesPath, { body, timeoutMs: 30_000 });
      }),
    );
    await eventually('the baselines', () => names.every((name) => fencedAt(history, name) !== undefined), 60_000);
    const ends = names.map((name) => fencedAt(history, name) ?? Number.NaN);
    const lags = names.map((name, index) => (ends[index] ?? Number.NaN) - createdAt(history, name));
    return {
      perSecond: count / ((Math.max(...ends) - begun) / 1000),
      lagP50Ms: quantile(lags, 0.5),
      lagP99Ms: quantile(lags, 0.99),
    };
  } finally {
    await history.stop();
  }
}

function createdAt(history: WallHistory, name: string): number {
  return history.namespaceChanges(name)[0]?.at ?? Number.NaN;
}

/** When both policies were there; undefined where they are not. */
function fencedAt(history: WallHistory, name: string): number | undefined {
  const [wall, dns] = ['deny-all-baseline', 'allow-dns-egress'].map((policy) => history.changesOf(name, policy)[0]?.at);
  return wall === undefined || dns === undefined ? undefined : Math.max(wall, dns);
}
