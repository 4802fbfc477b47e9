// The writes of everybody else, on new connections: an API server keeps its connections, and trust
// is checked only at a handshake.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { Balancer } from '../e2e/balancer.ts';
import { createNamespace, createPod, shopLabels } from '../e2e/burst.ts';

/** A right write that failed, with the times of its call in milliseconds of `performance.now()`. */
export interface Failure {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly reason: string;
}

/** Writes of people and controllers, twenty a second, most of them right. */
export interface Load {
  /** The number of right writes so far. */
  written(): number;
  failures(): readonly Failure[];
  /** The names of wrong writes that were admitted. */
  admitted(): readonly string[];
  /** The number of wrong writes that were refused for their own reason. */
  refused(): number;
  /**
   * The number of handshakes of the API server with a replica since the start, by the connections
   * of the balancer.
   */
  handshakes(): number;
  untilWritten(count: number): Promise<void>;
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

/**
 * Starts the load. `name` is part of the names of objects. The namespaces `labelled` and `legacy`
 * must exist.
 */
export function startLoad(name: string, cluster: Cluster, balancer: Balancer): Load {
  const failures: Failure[] = [];
  const admitted: string[] = [];
  const pending = new Set<Promise<void>>();
  let [written, refused, turn] = [0, 0, 0];
  let isRunning = true;
  const before = connectionsOf(balancer);

  /**
   * In turn: a namespace with a Pod, a Pod in a namespace with labels, a Pod and a ConfigMap in one
   * without.
   */
  const rights: readonly (() => Promise<unknown>)[] = [
    async () => {
      const own = `${name}-${turn}`;
      await createNamespace(cluster, own);
      await createPod(cluster, own, 'first');
    },
    () => createPod(cluster, 'labelled', `${name}-${turn}`),
    () => createPod(cluster, 'legacy', `${name}-${turn}`),
    () => {
      const body = { metadata: { name: `${name}-${turn}`, labels: shopLabels } };
      return cluster.request('POST', `${namespacesPath}/legacy/configmaps`, { body, timeoutMs: 30_000 });
    },
  ];

  async function writeRight(): Promise<void> {
    const startedAt = performance.now();
    written += 1;
    await (rights[turn % rights.length]?.() ?? Promise.resolve()).catch((error: unknown) => {
      failures.push({ startedAt, endedAt: performance.now(), reason: String(error) });
    });
  }

  /** Creates a Pod without labels, which must be refused for exactly that. */
  async function writeWrong(): Promise<void> {
    const startedAt = performance.now();
    const own = `${name}-wrong-${turn}`;
    const body = { metadata: { name: own }, spec: { containers: [{ name: 'main', image: 'main' }] } };
    await cluster.request('POST', `${namespacesPath}/labelled/pods`, { body, timeoutMs: 30_000 }).then(
      () => void admitted.push(own),
      (error: unknown) => {
        if (String(error).includes('denied the request')) refused += 1;
        else failures.push({ startedAt, endedAt: performance.now(), reason: String(error) });
      },
    );
  }

  function begin(write: () => Promise<void>): void {
    const settled = write().then(() => void pending.delete(settled));
    pending.add(settled);
  }

  const running = (async () => {
    for (let nextAt = performance.now(); isRunning; nextAt += everyMs) {
      begin(turn % wrongEvery === wrongEvery - 1 ? writeWrong : writeRight);
      turn += 1;
      if (turn % reconnectEvery === 0) {
        await Promise.all(pending);
        await balancer.reconnect();
      }
      await delay(Math.max(0, nextAt + everyMs - performance.now()));
      // A small delay on a busy machine is made up for.
      nextAt = Math.max(nextAt, performance.now() - lagMs);
    }
    await Promise.all(pending);
  })();

  return {
    written: () => written,
    failures: () => failures,
    admitted: () => admitted,
    refused: () => refused,
    handshakes: () => connectionsOf(balancer) - before,
    async untilWritten(count) {
      while (written < count) await delay(everyMs);
    },
    async stop() {
      isRunning = false;
      await running;
    },
  };
}

function connectionsOf(balancer: Balancer): number {
  return [...balancer.connections().values()].reduce((sum, count) => sum + count, 0);
}

const everyMs = 50;
const lagMs = 500;
const wrongEvery = 20;
/** Four times a second. */
const reconnectEvery = 5;
