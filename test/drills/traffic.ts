// Everybody at work: right writes, which must get through, and wrong ones among them, which must
// not.
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { createNamespace, createPod, type Entered, shopLabels } from '../e2e/burst.ts';

export interface Traffic {
  /** Right writes so far. */
  written(): number;
  /** Of those: what did not get through, a line each, in the order of the answers. */
  failures(): readonly string[];
  /** Wrong writes so far. */
  misdeeds(): number;
  /** Of those: what was admitted. */
  admitted(): readonly string[];
  /** The Pods that got in. */
  entered(): readonly Entered[];
  /** Right writes that have no answer yet. */
  inFlight(): number;
  untilWritten(count: number): Promise<void>;
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /**
   * Names the namespaces; the first of them is made at once, and fenced before anything else is
   * written.
   */
  readonly prefix: string;
  /**
   * Milliseconds between two right writes; 50 unless told otherwise. A wrong one comes with every
   * second of them.
   */
  readonly everyMs?: number;
}

/**
 * Twenty right writes a second, ten wrong ones. In turn: Pods into the fenced namespace, and a new
 * namespace with a Pod that follows at once.
 */
export async function startTraffic(cluster: Cluster, { prefix, everyMs = 50 }: TrafficOptions): Promise<Traffic> {
  const home = `${prefix}-home`;
  await createNamespace(cluster, home);
  const entered: Entered[] = [await createPod(cluster, home, 'first')];
  const failures: string[] = [];
  const admitted: string[] = [];
  const pending = new Set<Promise<void>>();
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

  async function wrongWrite(turn: number): Promise<void> {
    const [path, body] = misdeedsOf(home, turn)[turn % 4] ?? [];
    if (path === undefined) return;
    try {
      await cluster.request('POST', path, { body, timeoutMs: 60_000 });
      admitted.push(`POST ${path} ${JSON.stringify(body)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  function follow(write: Promise<void>): void {
    const settled = write.then(() => void pending.delete(settled));
    pending.add(settled);
  }

  const timer = setInterval(() => {
    follow(rightWrite(written));
    if (written % 2 === 0) {
      follow(wrongWrite(misdeeds));
      misdeeds += 1;
    }
    written += 1;
  }, everyMs);
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
    async stop() {
      clearInterval(timer);
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/**
 * A Pod without labels, one of a tier that its namespace has not, one of a value that nobody has,
 * and a namespace without labels.
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
