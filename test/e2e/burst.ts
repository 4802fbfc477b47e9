// Many at once, as controllers and pipelines do it: namespaces, and Pods that follow them without
// waiting.
import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { versionOf, type WallHistory } from './wall-history.ts';

/** A Pod that got in. */
export interface Entered {
  readonly namespace: string;
  readonly name: string;
  /** The resourceVersion of the answer: the commit that created it. */
  readonly version: bigint;
  /** From the call to its answer, in milliseconds. */
  readonly durationMs: number;
}

export interface Burst {
  readonly entered: readonly Entered[];
  /**
   * Answers other than 201, in the order in which they came; each such call was made again until it
   * got in.
   */
  readonly refusals: readonly string[];
  readonly seconds: number;
}

export interface BurstOptions {
  /** For each namespace. */
  readonly pods: number;
  /** Namespaces under way at one time; 16 unless told otherwise. */
  readonly atOnce?: number;
  /** Told of each namespace as it is answered, and how many that makes. */
  readonly onNamespace?: (count: number) => void;
  readonly onRefusal?: (reason: string) => void;
}

/** Labels that the vocabulary of the defaults agrees with; a Pod needs `expose` besides. */
export const shopLabels = { env: 'prod', tier: 'api', team: 'shop' } as const;

/**
 * The namespaces with their Pods, `atOnce` namespaces at a time; each Pod is sent at the moment its
 * namespace is answered.
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

/** Of the Pods that got in: those that precede their baseline, by the versions of the commits. */
export function precedingPods(history: WallHistory, entered: readonly Entered[]): readonly Entered[] {
  return entered.filter(({ namespace, version }) => {
    const { wallCreated, isWalled } = history.standingAt(namespace, version);
    return wallCreated === undefined || wallCreated > version || !isWalled;
  });
}

/**
 * `30 namespaces, 90 Pods in 2.1 s; Pod create p50 31 ms, p99 80 ms`: figures for the person who
 * runs it.
 */
export function describeBurst(title: string, namespaces: number, { entered, refusals, seconds }: Burst): string {
  const durations = entered.map(({ durationMs }) => durationMs).sort((one, other) => one - other);
  const at = (share: number): string => (durations[Math.floor(share * (durations.length - 1))] ?? 0).toFixed(0);
  return (
    `${title}: ${namespaces} namespaces, ${entered.length} Pods in ${seconds.toFixed(1)} s; ` +
    `Pod create p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${refusals.length} refusals retried`
  );
}

/** As a controller would: what is refused is tried again; a minute without success is a failure. */
export async function insist<T>(
  call: () => Promise<T>,
  onRefusal: (reason: string) => void = () => undefined,
): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || performance.now() > deadline) throw error;
      onRefusal(error.message);
      await delay(50);
    }
  }
}

/** As long as the API server gives a request. */
const callTimeoutMs = 60_000;
