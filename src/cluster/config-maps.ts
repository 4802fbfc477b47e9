import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** core/v1 ConfigMap: what Ringfence reads of it. */
export interface RawConfigMap {
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ConfigMaps {
  get(namespace: string, name: string): Promise<RawConfigMap | undefined>;
  /** Its resourceVersion alone: the data is not sent. Undefined where there is none. */
  version(namespace: string, name: string): Promise<string | undefined>;
}

export function configMaps(cluster: Pick<Cluster, 'request'>): ConfigMaps {
  const path = (namespace: string, name: string): string =>
    resourcePath({ api: '/api/v1', resource: 'configmaps', namespace, name });
  return {
    async get(namespace, name) {
      return unlessNotFound(cluster.request<RawConfigMap>('GET', path(namespace, name)));
    },
    async version(namespace, name) {
      const found = cluster.request<RawConfigMap>('GET', path(namespace, name), { accept: metadataOnly });
      return (await unlessNotFound(found))?.metadata.resourceVersion;
    },
  };
}

/** meta/v1 PartialObjectMetadata. */
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
