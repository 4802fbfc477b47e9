import { apiPathOf, getKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

export interface Owners {
  /** Live, metadata only. */
  get(
    kind: WorkloadKind,
    namespace: string,
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: ObjectMeta } | undefined>;
}

export function owners(cluster: Pick<Cluster, 'request'>): Owners {
  return {
    async get(kind, namespace, name, options) {
      const { resource, ...served } = getKind(kind);
      const path = resourcePath({ api: apiPathOf(served), resource, namespace, name });
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
      return unlessNotFound(cluster.request<{ metadata: ObjectMeta }>('GET', path, { ...options, accept }));
    },
  };
}
