// Right and wrong writes all the time, and the outcome of each.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { startBeat } from './beat.ts';
import { shopLabels } from './burst.ts';

/** The mode by which a write is judged: the cluster's, or that of its namespace. */
export type Place = 'cluster' | 'enforce' | 'observe';

export interface Write {
  readonly resource: 'namespaces' | 'pods';
  /** Unique for each write. */
  readonly name: string;
  readonly place: Place;
  /** Whether its labels are right. */
  readonly isRight: boolean;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** The refusal; undefined if the write succeeded. */
  refusal?: string;
}

export interface FlipLoad {
  readonly writes: readonly Write[];
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

/** The namespaces of the Pods, by their own mode. They must exist before. */
export const homes: Readonly<Record<Place, string>> = { cluster: 'home', enforce: 'strict', observe: 'free' };

/** Starts the load. Each write is sent when it is due (see `startBeat`). */
export function startFlipLoad(cluster: Cluster): FlipLoad {
  const writes: Write[] = [];

  async function write(
    resource: Write['resource'],
    place: Place,
    isRight: boolean,
    home = homes[place],
  ): Promise<void> {
    const name = `${resource === 'pods' ? 'pod' : 'space'}-${writes.length}`;
    const entry: Write = { resource, name, place, isRight, sentAt: Date.now() };
    writes.push(entry);
    const labels = isRight ? (resource === 'pods' ? { ...shopLabels, expose: 'false' } : shopLabels) : {};
    const spec = { containers: [{ name: 'main', image: 'main' }] };
    const [path, body] =
      resource === 'pods'
        ? [`${namespacesPath}/${home}/pods`, { metadata: { name, labels }, spec }]
        : [namespacesPath, { metadata: { name, labels } }];
    try {
      await cluster.request('POST', path, { body, timeoutMs: 30_000 });
      if (resource === 'namespaces' && isRight) await write('pods', 'cluster', true, name);
    } catch (error) {
      entry.refusal = String(error);
    }
  }

  const turns = [
    () => write('namespaces', 'cluster', true),
    () => write('pods', 'cluster', false),
    () => write('namespaces', 'cluster', false),
    () => write('pods', 'cluster', true),
    () => write('namespaces', 'cluster', true),
    () => write('pods', 'enforce', false),
    () => write('pods', 'observe', false),
  ];
  let turn = 0;
  const beat = startBeat(everyMs, () => {
    const answered = turns[turn % turns.length]?.() ?? Promise.resolve();
    turn += 1;
    return answered;
  });

  return {
    writes,
    async stop() {
      await beat.stop();
      // An audit line is written before its answer, but the test reads it from a file.
      await delay(everyMs);
    },
  };
}

/** About twelve writes a second, which leaves a small machine time for the rest. */
const everyMs = 80;
