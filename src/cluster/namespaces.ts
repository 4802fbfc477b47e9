import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** core/v1 Namespace: what Ringfence reads of it. */
export interface RawNamespace {
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase?: string };
}

export interface Namespaces {
  /** Live. */
  get(name: string, options?: CallLimits): Promise<RawNamespace | undefined>;
}

/** The collection, for `reflect`. */
export const namespacesPath = '/api/v1/namespaces';

export function namespaces(cluster: Pick<Cluster, 'request'>): Namespaces {
  return {
    async get(name, options) {
      const path = resourcePath({ api: '/api/v1', resource: 'namespaces', name });
      return unlessNotFound(cluster.request<RawNamespace>('GET', path, options));
    },
  };
}
