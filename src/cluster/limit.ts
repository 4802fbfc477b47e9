import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

/**
 * Wraps a cluster and bounds how many of its calls are under way or wait for a connection. A call
 * beyond `most` fails at once, with an ApiError of the reason "Busy".
 */
export function limitCalls(cluster: Cluster, most: number): Cluster {
  let underWay = 0;
  return {
    ...cluster,
    async request(method, path, options) {
      if (underWay >= most)
        throw new ApiError(`${method} ${path}: ${most} calls of this kind are under way already`, { reason: 'Busy' });
      underWay += 1;
      try {
        return await cluster.request(method, path, options);
      } finally {
        underWay -= 1;
      }
    },
  };
}
