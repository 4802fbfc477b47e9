import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

export interface Identity {
  /** The username under which the API server knows this process (authentication.k8s.io/v1 SelfSubjectReview). */
  whoAmI(): Promise<{ readonly username: string }>;
}

export function identity(cluster: Pick<Cluster, 'request'>): Identity {
  return {
    async whoAmI() {
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const review = await cluster.request<{ status?: { userInfo?: { username?: unknown } } }>('POST', path, {
        repeatable: true,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
      const username = review.status?.userInfo?.username;
      if (typeof username !== 'string' || username === '')
        throw new ApiError(`POST ${path}: the answer has no username`);
      return { username };
    },
  };
}
