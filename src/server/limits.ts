/**
 * What the webhook server gives to clients, whoever they are: anything in the cluster may reach its
 * port, and the API server must be served whatever the others do. Sized for the Deployment's 512
 * MiB with a heap of 268.
 */
export interface Limits {
  /** Open connections. */
  readonly connections: number;
  /** Milliseconds for a handshake, and for a request from its first byte to its last. */
  readonly receiveMs: number;
  /** Milliseconds after which a connection that nothing moves on is closed. */
  readonly idleMs: number;
  /** Milliseconds between two looks for requests that take too long. */
  readonly checkMs: number;
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of each body that are always taken. */
  readonly free: number;
  /** Bytes beyond those, of all bodies that are on their way or wait. */
  readonly held: number;
  /**
   * Bytes of heap, as weight.ts says, that the bodies take which are parsed and judged at a time;
   * what alone takes more is refused.
   */
  readonly judged: number;
}

export const defaultLimits: Limits = {
  // An API server has at most 600 calls in flight by default, and opens a connection for each; one
  // costs 60 KB.
  connections: 1_000,
  // The API server gives up after the webhook's timeout, 5 s: twice that and no client is there any
  // more.
  receiveMs: 10_000,
  // The API server closes its idle connections after 90 s; a server that closes first loses the
  // request that crosses the close.
  idleMs: 110_000,
  checkMs: 1_000,
  // A review carries object, oldObject and options: 3 MiB twice (etcd's request limit is 1.5 MiB,
  // the API server's 3 MiB), and some. controller-runtime derives 7 MiB the same way.
  body: 8 * 1024 * 1024,
  // Most reviews have less, so they find room whatever the large ones do.
  free: 32 * 1024,
  // Four of the largest at once; who comes then is asked to come again.
  held: 32 * 1024 * 1024,
  // A quarter of the heap. Two objects as large as etcd takes them (1.5 MiB) weigh 14 MiB as
  // objects of the API are written.
  judged: 64 * 1024 * 1024,
};
