// Everybody else, on new connections again and again: an API server keeps its connections, and whom
// it trusts is asked at a handshake only.
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
  /** Right ones so far. */
  written(): number;
  failures(): readonly Failure[];
  /** Wrong ones that were admitted, by name. */
  admitted(): readonly string[];
  /** Wrong ones that were refused for what is wrong with them. */
  refused(): number;
  /**
   * Handshakes of the API server with a replica since the start, by the connections that the
   * balancer gave out.
   */
  handshakes(): number;
  untilWritten(count: number): Promise<void>;
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

/** `name` is in the names of what is written; the namespaces `labelled` and `legacy` are there. */
export function startLoad(name: string, cluster: Cluster, balancer: Balancer): Load {
  const failures: Failure[] = [];
  const admitted: string[] = [];
  const pending = new Set<Promise<void>>();
  let [written, refused, turn] = [0, 0, 0];
  let isRunning = true;
  const before = connectionsOf(balancer);

  /**
   * In turn: a namespace with a Pod, a Pod where labels are right, a Pod and a ConfigMap where
   * there are none.
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

  /** A Pod without a label: refused for what it lacks, and for nothing else. */
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
      // What a busy machine lost is made up for, as far as it is little.
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
