// Namespaces are deleted and created again under the same name, while Pods are created in them all
// the time. A cache would make mistakes here.
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { createNamespace, createPod, type Entered } from './burst.ts';
import type { LogLine } from './installation.ts';
import { versionOf, type WallHistory } from './wall-history.ts';

/** One life of a namespace. */
export interface Birth {
  readonly namespace: string;
  /** The commit that created it. */
  readonly version: bigint;
  /**
   * The time of the call that created it, in milliseconds since 1970. At that moment nothing had
   * its name.
   */
  readonly sentAt: number;
}

export interface Rebirths {
  readonly births: readonly Birth[];
  readonly entered: readonly Entered[];
  /** The number of refused Pods: no namespace, a terminating namespace, or doubt. */
  readonly refused: number;
  readonly seconds: number;
}

/**
 * Gives each name `lives` lives. A life ends when it has admitted some Pods. Pods are created
 * without pause, whatever exists under the name.
 */
export async function rebear(cluster: Cluster, names: readonly string[], lives: number): Promise<Rebirths> {
  const started = performance.now();
  const births: Birth[] = [];
  const entered: Entered[] = [];
  let refused = 0;

  async function live(namespace: string): Promise<void> {
    const admitted = { count: 0 };
    const done = new AbortController();
    const pouring = Array.from({ length: pourers }, (_, index) => pour(namespace, index, admitted, done.signal));
    for (let life = 0; life < lives; life += 1) {
      const enough = admitted.count + podsPerLife;
      births.push(await bear(cluster, namespace));
      await Promise.all([0, 1].map((index) => enter(namespace, `first-${life}-${index}`, admitted)));
      while (admitted.count < enough) await delay(pauseMs);
      if (life + 1 < lives) await end(cluster, namespace);
    }
    done.abort();
    await Promise.all(pouring);
  }

  async function pour(
    namespace: string,
    pourer: number,
    admitted: { count: number },
    signal: AbortSignal,
  ): Promise<void> {
    for (let count = 0; !signal.aborted; count += 1) {
      if (!(await enter(namespace, `pod-${pourer}-${count}`, admitted))) await delay(refusedPauseMs);
    }
  }

  async function enter(namespace: string, name: string, admitted: { count: number }): Promise<boolean> {
    try {
      entered.push(await createPod(cluster, namespace, name));
      admitted.count += 1;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused += 1;
      return false;
    }
  }

  await Promise.all(names.map(live));
  return { births, entered, refused, seconds: (performance.now() - started) / 1000 };
}

/**
 * Whether the review of a Pod began before the life of the namespace in which the Pod is stored. It
 * was answered for the previous life, which ended between answer and commit. Nothing can be
 * promised for such a Pod. `reviews` are Ringfence's audit lines.
 */
export function isLeftOver(
  pod: Entered,
  births: readonly Birth[],
  reviews: ReadonlyMap<string, number>,
  history: WallHistory,
): boolean {
  const began = reviews.get(`${pod.namespace}/${pod.name}`);
  if (began === undefined) return false;
  const { namespace } = history.standingAt(pod.namespace, pod.version);
  const lives = births.filter((birth) => birth.namespace === pod.namespace);
  // If the commit was between two lives, the Pod belongs to the next one.
  const life = lives.find(({ version }) =>
    namespace === undefined ? version > pod.version : version === namespace.version,
  );
  return life === undefined ? namespace === undefined : began < life.sentAt;
}

/** Returns when the review of each Pod began, in milliseconds since 1970, by `namespace/name`. */
export function readReviews(lines: readonly LogLine[]): ReadonlyMap<string, number> {
  const creations = lines.filter((line) => line['resource'] === 'pods' && line['operation'] === 'CREATE');
  return new Map(
    creations.map((line) => [
      `${String(line['namespace'])}/${String(line['name'])}`,
      Date.parse(line.time) - Number(line['durationMs']),
    ]),
  );
}

/** Two writers, so that one call is always in progress while the other is answered. */
const pourers = 2;
const podsPerLife = 5;
/**
 * The pause after a refusal. The API server has to end namespaces, which is more work than to
 * refuse Pods.
 */
const refusedPauseMs = 100;
/** The pause between two looks. */
const pauseMs = 20;

async function bear(cluster: Cluster, namespace: string): Promise<Birth> {
  for (;;) {
    const sentAt = Date.now();
    try {
      return { namespace, sentAt, version: versionOf(await createNamespace(cluster, namespace)) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await delay(pauseMs);
    }
  }
}

/** Deletes the namespace. Resolves as soon as it is gone. */
async function end(cluster: Cluster, namespace: string): Promise<void> {
  const path = `${namespacesPath}/${namespace}`;
  await cluster.request('DELETE', path, { timeoutMs: 60_000 });
  for (;;) {
    try {
      await cluster.request('GET', path, { timeoutMs: 60_000 });
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return;
      throw error;
    }
    await delay(pauseMs);
  }
}
