import type { CallLimits } from '../retry/limits.ts';
import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

/** Who asks: authentication/v1 UserInfo, as an AdmissionReview carries it. */
export interface AccessUser {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What for: a cluster-scoped resource, so no namespace; a RoleBinding in one namespace must not say yes. */
export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

export interface AccessReviews {
  /** By authorization.k8s.io/v1 SubjectAccessReview. Throws an ApiError where there is no answer: never a guess. */
  isAllowed(user: AccessUser, attributes: AccessAttributes, options?: CallLimits): Promise<boolean>;
}

export function accessReviews(cluster: Pick<Cluster, 'request'>): AccessReviews {
  return {
    async isAllowed(user, attributes, options) {
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const review = await cluster.request<{ status?: { allowed?: unknown; evaluationError?: unknown } }>(
        'POST',
        path,
        {
          ...options,
          repeatable: true,
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: { ...user, resourceAttributes: attributes },
          },
        },
      );
      const allowed = review.status?.allowed;
      if (typeof allowed !== 'boolean') throw new ApiError(`POST ${path}: the answer has no status`);
      return allowed;
    },
  };
}
