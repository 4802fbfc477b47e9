// Many objects at once, as controllers and pipelines create them: namespaces, and Pods that follow
// without waiting.
import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { versionOf, type WallHistory } from './wall-history.ts';

/** A Pod that was admitted. */
export interface Entered {
  readonly namespace: string;
  readonly name: string;
  /** The resourceVersion of the answer, which is the commit that created the Pod. */
  readonly version: bigint;
  /** The time from the call to its answer, in milliseconds. */
  readonly durationMs: number;
}

export interface Burst {
  readonly entered: readonly Entered[];
  /** The answers other than 201, in their order. Each such call was repeated until it succeeded. */
  readonly refusals: readonly string[];
  readonly seconds: number;
}

export interface BurstOptions {
  /** The number of Pods in each namespace. */
  readonly pods: number;
  /** The number of namespaces in parallel. The default is 16. */
  readonly atOnce?: number;
  /** Called for each answered namespace, with the count so far. */
  readonly onNamespace?: (count: number) => void;
  readonly onRefusal?: (reason: string) => void;
}

/** Labels that the default vocabulary allows. A Pod also needs `expose`. */
export const shopLabels = { env: 'prod', tier: 'api', team: 'shop' } as const;

/**
 * Creates the namespaces with their Pods, `atOnce` namespaces in parallel. Each Pod is sent when
 * its namespace is answered.
 */
export async function burst(cluster: Cluster, names: readonly string[], options: BurstOptions): Promise<Burst> {
  const { pods, atOnce = 16 } = options;
  const started = performance.now();
  const entered: Entered[] = [];
  const refusals: string[] = [];
  const onRefusal = (reason: string): void => {
    refusals.push(reason);
    options.onRefusal?.(reason);
  };
  let made = 0;
  const queue = new PQueue({ concurrency: atOnce });
  await queue.addAll(
    names.map((name) => async () => {
      await insist(() => createNamespace(cluster, name), onRefusal);
      made += 1;
      options.onNamespace?.(made);
      const list = Array.from({ length: pods }, (_, index) =>
        insist(() => createPod(cluster, name, `pod-${index}`), onRefusal),
      );
      entered.push(...(await Promise.all(list)));
    }),
  );
  return { entered, refusals, seconds: (performance.now() - started) / 1000 };
}

export async function createNamespace(cluster: Cluster, name: string): Promise<RawObject> {
  const body = { metadata: { name, labels: shopLabels } };
  return cluster.request('POST', namespacesPath, { body, timeoutMs: callTimeoutMs });
}

export async function createPod(cluster: Cluster, namespace: string, name: string): Promise<Entered> {
  const started = performance.now();
  const body = {
    metadata: { name, labels: { ...shopLabels, expose: 'false' } },
    spec: { containers: [{ name: 'main', image: 'main' }] },
  };
  const path = `${namespacesPath}/${namespace}/pods`;
  const made = await cluster.request<RawObject>('POST', path, { body, timeoutMs: callTimeoutMs });
  return { namespace, name, version: versionOf(made), durationMs: performance.now() - started };
}

/** Returns the Pods that were stored before their baseline, by the versions of the commits. */
export function precedingPods(history: WallHistory, entered: readonly Entered[]): readonly Entered[] {
  return entered.filter(({ namespace, version }) => {
    const { wallCreated, isWalled } = history.standingAt(namespace, version);
    return wallCreated === undefined || wallCreated > version || !isWalled;
  });
}

/**
 * Formats figures for the person who runs the test: `30 namespaces, 90 Pods in 2.1 s; Pod create
 * p50 31 ms, p99 80 ms`.
 */
export function describeBurst(title: string, namespaces: number, { entered, refusals, seconds }: Burst): string {
  const durations = entered.map(({ durationMs }) => durationMs).sort((one, other) => one - other);
  const at = (share: number): string => (durations[Math.floor(share * (durations.length - 1))] ?? 0).toFixed(0);
  return (
    `${title}: ${namespaces} namespaces, ${entered.length} Pods in ${seconds.toFixed(1)} s; ` +
    `Pod create p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${refusals.length} refusals retried`
  );
}

/**
 * Repeats a refused call, as a controller does: whatever the reason, or only where `isRepeated`
 * says so. A minute without success is a failure.
 */
export async function insist<T>(
  call: () => Promise<T>,
  onRefusal: (reason: string) => void = () => undefined,
  isRepeated: (refusal: ApiError) => boolean = () => true,
): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || !isRepeated(error) || performance.now() > deadline) throw error;
      onRefusal(error.message);
      await delay(50);
    }
  }
}

/** The API server's own limit of a request. */
const callTimeoutMs = 60_000;
