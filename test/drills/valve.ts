// Between the drills' writers and the API server: keeps what became of each write, and can have
// everybody wait.
import type { Cluster } from '../../src/cluster/connection.ts';

/** One write, as its sender saw it. Times are milliseconds since 1970. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Why it failed; undefined where it got through. */
  readonly refusal: string | undefined;
}

export interface Valve {
  /** For the writers. */
  readonly cluster: Cluster;
  /** Those that have their answer, in the order of the answers. */
  readonly attempts: readonly Attempt[];
  /** Lets nothing through any more, and resolves when nothing is under way. */
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

/** An ApiError's own message is one short line; what the webhook said is longer. */
function sayWhole(error: Error): string {
  const more = 'statusMessage' in error && typeof error.statusMessage === 'string' ? error.statusMessage : '';
  return more === '' ? error.message : more;
}
