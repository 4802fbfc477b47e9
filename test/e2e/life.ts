// The writes of everybody else on a live cluster, which Ringfence must never fail.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { startBeat } from './beat.ts';
import { createNamespace, createPod, shopLabels } from './burst.ts';
import { untilDecided } from './doubt.ts';

/** Right writes of people and controllers, twenty a second. */
export interface Life {
  written(): number;
  failures(): readonly string[];
  /** Refusals in doubt, after which the write was sent again. */
  doubts(): readonly string[];
  slowestMs(): number;
  untilWritten(count: number): Promise<void>;
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

/**
 * Starts the writes. Names begin with `prefix`, so that two runs in turn do not conflict. Pods go
 * into the namespaces `labelled` and `legacy`.
 */
export function startLife(cluster: Cluster, prefix = 'life'): Life {
  const failures: string[] = [];
  const doubts: string[] = [];
  let count = 0;
  let slowest = 0;

  /** In turn: a namespace, a Pod in it, and ConfigMaps and Pods in existing namespaces. */
  const writes: readonly ((turn: number) => Promise<unknown>)[] = [
    async (turn) => {
      await createNamespace(cluster, `${prefix}-${turn}`);
      await untilDecided(() => createPod(cluster, `${prefix}-${turn}`, 'first'), doubts);
    },
    (turn) => untilDecided(() => createPod(cluster, 'labelled', `${prefix}-${turn}`), doubts),
    (turn) => untilDecided(() => createPod(cluster, 'legacy', `${prefix}-${turn}`), doubts),
    (turn) => {
      const body = { metadata: { name: `${prefix}-${turn}`, labels: shopLabels }, data: { turn: String(turn) } };
      return cluster.request('POST', `${namespacesPath}/legacy/configmaps`, { body, timeoutMs: 30_000 });
    },
  ];

  async function write(): Promise<void> {
    const turn = count;
    const started = performance.now();
    count += 1;
    try {
      await writes[turn % writes.length]?.(turn);
    } catch (error) {
      failures.push(`write ${turn}: ${String(error)}`);
    }
    slowest = Math.max(slowest, performance.now() - started);
  }

  const beat = startBeat(everyMs, write);
  return {
    written: () => count,
    failures: () => failures,
    doubts: () => doubts,
    slowestMs: () => slowest,
    async untilWritten(wanted) {
      while (count < wanted) await delay(everyMs);
    },
    stop: () => beat.stop(),
  };
}

/** Twenty writes a second leave a small machine time for the installation. */
const everyMs = 50;
