import { apiPathOf } from '../kubernetes/kinds.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** A namespaced resource of the API, in version v1. */
export interface NamespacedResource {
  readonly group: string;
  readonly resource: string;
}

export interface Residents {
  /** The objects of one resource in a namespace, live: the first page of them, and whether there are no more. */
  list(
    namespace: string,
    resource: NamespacedResource,
    options?: CallLimits,
  ): Promise<{ readonly objects: readonly RawObject[]; readonly isWhole: boolean }>;
}

/** client-go's page size: enough to say how many, few enough to be read while a person waits. */
const pageLimit = 500;

export function residents(cluster: Pick<Cluster, 'request'>): Residents {
  return {
    async list(namespace, { group, resource }, options) {
      const page = await cluster.request<{
        readonly items?: readonly RawObject[] | null;
        readonly metadata?: { readonly continue?: string };
      }>('GET', resourcePath({ api: apiPathOf({ group, version: 'v1' }), resource, namespace }), {
        ...options,
        query: { limit: pageLimit },
      });
      return { objects: page.items ?? [], isWhole: (page.metadata?.continue ?? '') === '' };
    },
  };
}
