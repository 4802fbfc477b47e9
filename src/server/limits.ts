/**
 * The limits of the webhook server for all clients. Anything in the cluster may reach its port, and
 * the API server must be served whatever other clients do. The sizes fit the Deployment's 512 MiB
 * with a heap of 268 MiB.
 */
export interface Limits {
  /** Open connections. */
  readonly connections: number;
  /** Milliseconds for a handshake, and for a request from its first byte to its last. */
  readonly receiveMs: number;
  /** Milliseconds after which a connection without progress is closed. */
  readonly idleMs: number;
  /** Milliseconds between two checks for requests that take too long. */
  readonly checkMs: number;
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of each body that are always accepted. */
  readonly free: number;
  /** Bytes beyond those, of all bodies that are arriving or waiting. */
  readonly held: number;
  /**
   * Bytes of heap, as computed by weight.ts, for the bodies that are parsed and judged at the same
   * time. A single body that needs more is refused.
   */
  readonly judged: number;
}

export const defaultLimits: Limits = {
  // An API server has at most 600 calls in flight by default, and opens a connection for each. One
  // connection costs 60 KB.
  connections: 1_000,
  // The API server gives up after the webhook's timeout of 5 s. After twice that time no client is
  // waiting.
  receiveMs: 10_000,
  // The API server closes its idle connections after 90 s. If the server closed first, it would
  // lose a request that is sent at that moment.
  idleMs: 110_000,
  checkMs: 1_000,
  // A review carries object, oldObject and options: twice 3 MiB, and some more. (etcd's request
  // limit is 1.5 MiB, the API server's is 3 MiB.) controller-runtime derives 7 MiB the same way.
  body: 8 * 1024 * 1024,
  // Most reviews are smaller, so they find room whatever the large ones do.
  free: 32 * 1024,
  // Four of the largest bodies at once. Further clients are asked to try again.
  held: 32 * 1024 * 1024,
  // A quarter of the heap. Two objects of the largest size that etcd accepts (1.5 MiB) weigh 14 MiB
  // in the usual form of API objects.
  judged: 64 * 1024 * 1024,
};
