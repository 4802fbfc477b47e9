// A valve between the writers of the drills and the API server. It records the outcome of each
// write, and can make all writers wait.
import type { Cluster } from '../../src/cluster/connection.ts';

/** One write from the view of its sender. Times are in milliseconds since 1970. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Why it failed; undefined if it succeeded. */
  readonly refusal: string | undefined;
}

export interface Valve {
  /** The cluster for the writers. */
  readonly cluster: Cluster;
  /** The answered writes, in the order of the answers. */
  readonly attempts: readonly Attempt[];
  /** Stops all writes. Resolves when no write is pending. */
  shut(): Promise<void>;
  open(): void;
}

export function openValve(cluster: Cluster): Valve {
  const attempts: Attempt[] = [];
  const underWay = new Set<Promise<unknown>>();
  let opened = Promise.withResolvers<void>();
  opened.resolve();

  const request: Cluster['request'] = async <T>(...[method, path, options]: Parameters<Cluster['request']>) => {
    await opened.promise;
    const sentAt = Date.now();
    const keep = (refusal?: string) => attempts.push({ method, path, sentAt, answeredAt: Date.now(), refusal });
    const call = cluster.request<T>(method, path, options);
    const settled = call.then(
      () => keep(),
      (error: unknown) => keep(error instanceof Error ? sayWhole(error) : String(error)),
    );
    underWay.add(settled);
    void settled.then(() => underWay.delete(settled));
    return call;
  };

  return {
    cluster: { ...cluster, request },
    attempts,
    async shut() {
      opened = Promise.withResolvers();
      await Promise.all(underWay);
    },
    open: () => opened.resolve(),
  };
}

/**
 * Returns the whole message. The message of an ApiError is one short line; that of the webhook is
 * longer.
 */
function sayWhole(error: Error): string {
  const more = 'statusMessage' in error && typeof error.statusMessage === 'string' ? error.statusMessage : '';
  return more === '' ? error.message : more;
}
