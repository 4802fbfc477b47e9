import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { ApiError, unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** core/v1 Pod, as it came. */
export interface RawPod {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
}

export interface Pods {
  /** Live. */
  get(namespace: string, name: string, options?: CallLimits): Promise<RawPod | undefined>;
  /** Whether a namespace holds a Pod, by a live list of one, metadata only. A namespace that does not exist holds none. */
  any(namespace: string, options?: CallLimits): Promise<boolean>;
}

export function pods(cluster: Pick<Cluster, 'request'>): Pods {
  const path = (namespace: string, name?: string): string =>
    resourcePath({ api: '/api/v1', resource: 'pods', namespace, ...(name === undefined ? {} : { name }) });
  return {
    async get(namespace, name, options) {
      return unlessNotFound(cluster.request<RawPod>('GET', path(namespace, name), options));
    },
    async any(namespace, options) {
      const list = await cluster.request<{ items?: unknown }>('GET', path(namespace), {
        ...options,
        query: { limit: 1 },
        accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      });
      // Go's empty list is null in this representation; anything else that is no list is no answer.
      if (list.items !== null && !Array.isArray(list.items))
        throw new ApiError(`GET ${path(namespace)}: the answer is not a list`);
      return (list.items ?? []).length > 0;
    },
  };
}
