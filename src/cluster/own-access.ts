import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

/** What is to be done: a verb on a resource, everywhere unless namespace or name say where. */
export interface OwnAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** May whoever asks? By authorization.k8s.io/v1 SelfSubjectAccessReview, which Kubernetes grants to everyone who is authenticated. */
export interface OwnAccess {
  /** Throws an ApiError where there is no answer. */
  isAllowed(attributes: OwnAttributes): Promise<boolean>;
}

export function ownAccess(cluster: Pick<Cluster, 'request'>): OwnAccess {
  return {
    async isAllowed(attributes) {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const review = await cluster.request<{ status?: { allowed?: unknown } }>('POST', path, {
        repeatable: true,
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: attributes },
        },
      });
      const allowed = review.status?.allowed;
      if (typeof allowed !== 'boolean') throw new ApiError(`POST ${path}: the answer has no status`);
      return allowed;
    },
  };
}
