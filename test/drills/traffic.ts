// The writes of everybody: right ones, which must succeed, and wrong ones, which must be refused.
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { startBeat } from '../e2e/beat.ts';
import { createNamespace, createPod, type Entered, shopLabels } from '../e2e/burst.ts';

export interface Traffic {
  /** The number of right writes so far. */
  written(): number;
  /**
   * The right writes that failed, and the wrong ones that failed because no replica judged them, a
   * line each, in the order of the answers. The number in a line is that of right writes before it.
   */
  failures(): readonly string[];
  /** The number of wrong writes so far. */
  misdeeds(): number;
  /** The wrong writes that were admitted. */
  admitted(): readonly string[];
  /** The Pods that were admitted. */
  entered(): readonly Entered[];
  /** The number of writes without an answer yet. */
  inFlight(): number;
  untilWritten(count: number): Promise<void>;
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /** The prefix of the namespaces. The first of them is made and fenced before any other write. */
  readonly prefix: string;
  /**
   * Milliseconds between two right writes. The default is 50. Every second one comes with a wrong
   * write.
   */
  readonly everyMs?: number;
}

/**
 * Starts twenty right writes and ten wrong ones a second. In turn: Pods in the fenced namespace,
 * and a new namespace that a Pod follows at once.
 */
export async function startTraffic(cluster: Cluster, { prefix, everyMs = 50 }: TrafficOptions): Promise<Traffic> {
  const home = `${prefix}-home`;
  await createNamespace(cluster, home);
  const entered: Entered[] = [await createPod(cluster, home, 'first')];
  const failures: string[] = [];
  const admitted: string[] = [];
  let [written, misdeeds, open] = [0, 0, 0];

  async function rightWrite(turn: number): Promise<void> {
    open += 1;
    try {
      const isNew = turn % 4 === 3;
      const namespace = isNew ? `${prefix}-${turn}` : home;
      if (isNew) await createNamespace(cluster, namespace);
      entered.push(await createPod(cluster, namespace, `pod-${turn}`));
    } catch (error) {
      failures.push(`write ${turn}: ${String(error)}`);
    }
    open -= 1;
  }

  async function wrongWrite(turn: number, beside: number): Promise<void> {
    const [path, body] = misdeedsOf(home, turn)[turn % 4] ?? [];
    if (path === undefined) return;
    open += 1;
    try {
      await cluster.request('POST', path, { body, timeoutMs: 60_000 });
      admitted.push(`POST ${path} ${JSON.stringify(body)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // It was refused because the API server could not ask, which says nothing of the object.
      if (error.message.includes('failed calling webhook')) failures.push(`write ${beside}, a wrong one: ${error}`);
    }
    open -= 1;
  }

  const beat = startBeat(everyMs, async () => {
    const writes = [rightWrite(written)];
    if (written % 2 === 0) {
      writes.push(wrongWrite(misdeeds, written));
      misdeeds += 1;
    }
    written += 1;
    await Promise.all(writes);
  });
  return {
    written: () => written,
    failures: () => failures,
    misdeeds: () => misdeeds,
    admitted: () => admitted,
    entered: () => entered,
    inFlight: () => open,
    async untilWritten(wanted) {
      while (written < wanted) await delay(everyMs);
    },
    stop: () => beat.stop(),
  };
}

/**
 * The wrong writes: a Pod without labels, one with another tier than its namespace, one with an
 * unknown value, and a namespace without labels.
 */
function misdeedsOf(home: string, turn: number): readonly (readonly [path: string, body: object])[] {
  const pods = `${namespacesPath}/${home}/pods`;
  const pod = (labels: Readonly<Record<string, string>>) => ({
    metadata: { name: `wrong-${turn}`, labels },
    spec: { containers: [{ name: 'main', image: 'main' }] },
  });
  return [
    [pods, pod({})],
    [pods, pod({ ...shopLabels, tier: 'data', expose: 'false' })],
    [pods, pod({ ...shopLabels, env: 'production', expose: 'false' })],
    [namespacesPath, { metadata: { name: `${home}-wrong-${turn}` } }],
  ];
}
