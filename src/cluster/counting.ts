import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

/**
 * Called when a call has ended, with its method or WATCH, the HTTP status (0 for no answer), and
 * the duration in milliseconds.
 */
export type CallObserver = (verb: string, status: number, ms: number) => void;

/**
 * Wraps a cluster and counts its calls. A call that retries internally counts as one. A call that
 * its caller aborted is not counted.
 */
export function countCalls(cluster: Cluster, observe: CallObserver): Cluster {
  async function counted<T>(verb: string, call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const begun = performance.now();
    try {
      const answer = await call;
      observe(verb, 200, performance.now() - begun);
      return answer;
    } catch (error) {
      if (signal?.aborted !== true)
        observe(verb, error instanceof ApiError ? error.code : 0, performance.now() - begun);
      throw error;
    }
  }

  return {
    request: (method, path, options) => counted(method, cluster.request(method, path, options), options?.signal),
    watch: (request) => counted('WATCH', cluster.watch(request), request.signal),
    close: () => cluster.close(),
  };
}
