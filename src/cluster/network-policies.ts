import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { CallLimits } from '../retry/limits.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** networking.k8s.io/v1 NetworkPolicy, one at a time. Every read is live, and by name: a LIST takes forty times as long. */
export interface NetworkPolicies {
  get(namespace: string, name: string, options?: CallLimits): Promise<NetworkPolicy | undefined>;
  /** Server-side apply as field manager "ringfence", taking over what others own. Returns the object as stored. */
  apply(policy: NetworkPolicy, options?: CallLimits): Promise<NetworkPolicy>;
  /** Takes every ownerReference away, if the object is still at that resourceVersion (else ApiError 409). */
  clearOwnerReferences(
    namespace: string,
    name: string,
    resourceVersion: string,
    options?: CallLimits,
  ): Promise<NetworkPolicy>;
  /** Sets labels, or with null takes them away, whichever field manager owns them. */
  patchLabels(
    namespace: string,
    name: string,
    labels: Readonly<Record<string, string | null>>,
    options?: CallLimits,
  ): Promise<NetworkPolicy>;
}

/** The collection across namespaces, for `reflect`. */
export const networkPoliciesPath = '/apis/networking.k8s.io/v1/networkpolicies';

export function networkPolicies(cluster: Pick<Cluster, 'request'>): NetworkPolicies {
  const path = (namespace: string, name: string): string =>
    resourcePath({ api: '/apis/networking.k8s.io/v1', resource: 'networkpolicies', namespace, name });

  function mergePatch(
    namespace: string,
    name: string,
    metadata: Record<string, unknown>,
    options: CallLimits | undefined,
  ): Promise<NetworkPolicy> {
    return cluster.request('PATCH', path(namespace, name), {
      ...options,
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'ringfence' },
      body: { metadata },
    });
  }

  return {
    async get(namespace, name, options) {
      return unlessNotFound(cluster.request<NetworkPolicy>('GET', path(namespace, name), options));
    },
    async apply(policy, options) {
      return cluster.request('PATCH', path(policy.metadata.namespace ?? '', policy.metadata.name ?? ''), {
        ...options,
        // JSON is YAML; the API server knows apply patches by this type only.
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'ringfence', force: true },
        body: policy,
        repeatable: true,
      });
    },
    async clearOwnerReferences(namespace, name, resourceVersion, options) {
      return mergePatch(namespace, name, { resourceVersion, ownerReferences: null }, options);
    },
    async patchLabels(namespace, name, labels, options) {
      return mergePatch(namespace, name, { labels }, options);
    },
  };
}
