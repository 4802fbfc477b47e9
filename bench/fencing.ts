// Measures how long each namespace exists without its baseline when a pipeline creates many at
// once.
import PQueue from 'p-queue';
import { namespacesPath } from '../src/cluster/resources.ts';
import { eventually } from '../test/e2e/installation.ts';
import { recordWalls, type WallHistory } from '../test/e2e/wall-history.ts';
import { identity } from './stage/population.ts';
import type { Stage } from './stage/stage.ts';

export interface Fencing {
  /** Namespaces per second, from the first creation to the last baseline. */
  readonly perSecond: number;
  /**
   * Milliseconds from the commit of a namespace to the commit of the last policy of its baseline,
   * both as seen by a watch.
   */
  readonly lags: readonly number[];
}

/** Creates namespaces in enforce mode, a given number at a time, and waits until all are fenced. */
export async function fenceMany(
  { controlPlane, cluster }: Stage,
  { prefix, count, atOnce }: { readonly prefix: string; readonly count: number; readonly atOnce: number },
): Promise<Fencing> {
  const history = await recordWalls(controlPlane.adminKubeconfig);
  try {
    const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
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
    return {
      perSecond: count / ((Math.max(...ends) - begun) / 1000),
      lags: names.map((name, index) => (ends[index] ?? Number.NaN) - createdAt(history, name)),
    };
  } finally {
    await history.stop();
  }
}

function createdAt(history: WallHistory, name: string): number {
  return history.namespaceChanges(name)[0]?.at ?? Number.NaN;
}

/** When both policies existed. Undefined if they do not exist. */
function fencedAt(history: WallHistory, name: string): number | undefined {
  const [wall, dns] = ['deny-all-baseline', 'allow-dns-egress'].map((policy) => history.changesOf(name, policy)[0]?.at);
  return wall === undefined || dns === undefined ? undefined : Math.max(wall, dns);
}
