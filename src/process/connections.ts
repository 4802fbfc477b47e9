import { type Cluster, connect } from '../cluster/connection.ts';
import { countCalls } from '../cluster/counting.ts';
import type { ClusterSource } from '../cluster/kubeconfig.ts';
import { limitCalls } from '../cluster/limit.ts';
import { createServerClock, type ServerClock } from '../cluster/server-clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/**
 * The connections of the process to the API server. Anyone who reaches the port can send a review,
 * so the calls of a review must not delay the live reads that let Pods in.
 */
export interface Connections {
  /**
   * For calls that no review waits for: watches, the reconciler, certificates, webhooks, Events.
   */
  readonly cluster: Cluster;
  /** For the gate's calls about the namespaces that the process knows, and nothing else. */
  readonly gate: Cluster;
  /** For every other call of a review: permissions, named namespaces and unknown namespaces. */
  readonly reviews: Cluster;
  /** For the lists that a review causes. */
  readonly lists: Cluster;
  /** The time of the API server, from the answers on all connections. */
  readonly now: ServerClock['now'];
  close(): Promise<void>;
}

/**
 * A review of a NetworkPolicy makes at most 20 calls at once, and one of a Namespace about ten.
 * With this number, a burst of reviews is answered within the 2 s of one call.
 */
const reviewConnections = 32;
const reviewCalls = 512;

/**
 * One list may be 8 MiB, which is several times as much once parsed. A review causes a list for
 * each of nine kinds, and reviews of one namespace share them.
 */
const listConnections = 2;
const listCalls = 36;

/** Opens the connections. Makes no call yet. */
export function openConnections(source: ClusterSource, { called }: Pick<Metrics, 'called'>): Connections {
  const clock = createServerClock();
  const open = (connections?: number): Cluster =>
    countCalls(connect({ ...source, clock, ...(connections === undefined ? {} : { connections }) }), called);
  const [cluster, gate] = [open(), open()];
  const reviews = limitCalls(open(reviewConnections), reviewCalls);
  const lists = limitCalls(open(listConnections), listCalls);
  return {
    cluster,
    gate,
    reviews,
    lists,
    now: clock.now,
    async close() {
      await Promise.all([cluster, gate, reviews, lists].map((one) => one.close()));
    },
  };
}
