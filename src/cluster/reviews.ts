// The calls that ask the API server who a user is and what the user may do. Nothing is stored.
import { own, textAt } from '../kubernetes/raw-object.ts';
import type { CallLimits } from '../retry/limits.ts';
import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';

/** The user of a request: authentication/v1 UserInfo, as an AdmissionReview carries it. */
export interface AccessUser {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * The requested access to a cluster-scoped resource. It has no namespace, because a RoleBinding in
 * one namespace must not grant it.
 */
export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

export function accessReviews(cluster: Pick<Cluster, 'request'>) {
  return {
    /**
     * Whether a user has the access, by authorization.k8s.io/v1 SubjectAccessReview. Throws an
     * ApiError if there is no answer, and never guesses.
     */
    async isAllowed(user: AccessUser, attributes: AccessAttributes, options?: CallLimits): Promise<boolean> {
      const spec = { ...user, resourceAttributes: attributes };
      return readAllowed(await post(cluster, 'authorization', 'SubjectAccessReview', { spec }, options));
    },
  };
}

/** A verb on a resource. It applies everywhere unless a namespace or name is given. */
export interface OwnAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

export function ownAccess(cluster: Pick<Cluster, 'request'>) {
  return {
    /**
     * Whether the caller has the access, by authorization.k8s.io/v1 SelfSubjectAccessReview, which
     * Kubernetes grants to every authenticated user. Throws an ApiError if there is no answer.
     */
    async isAllowed(attributes: OwnAttributes): Promise<boolean> {
      const spec = { resourceAttributes: attributes };
      return readAllowed(await post(cluster, 'authorization', 'SelfSubjectAccessReview', { spec }));
    },
  };
}

export function identity(cluster: Pick<Cluster, 'request'>) {
  return {
    /**
     * The username that the API server gives this process (authentication.k8s.io/v1
     * SelfSubjectReview).
     */
    async whoAmI(): Promise<{ readonly username: string }> {
      const { path, status } = await post(cluster, 'authentication', 'SelfSubjectReview', {});
      const username = textAt(status, 'userInfo', 'username');
      if (username === undefined) throw new ApiError(`POST ${path}: the answer has no username`);
      return { username };
    },
  };
}

interface Answer {
  readonly path: string;
  readonly status: unknown;
}

async function post(
  cluster: Pick<Cluster, 'request'>,
  api: 'authentication' | 'authorization',
  kind: string,
  fields: object,
  options?: CallLimits,
): Promise<Answer> {
  const apiVersion = `${api}.k8s.io/v1`;
  const path = `/apis/${apiVersion}/${kind.toLowerCase()}s`;
  const body = { apiVersion, kind, ...fields };
  const { status } = await cluster.request<{ status?: unknown }>('POST', path, { ...options, repeatable: true, body });
  return { path, status };
}

function readAllowed({ path, status }: Answer): boolean {
  const allowed = own(status, 'allowed');
  if (typeof allowed !== 'boolean') throw new ApiError(`POST ${path}: the answer has no status`);
  return allowed;
}
