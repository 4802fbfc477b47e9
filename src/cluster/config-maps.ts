import type { ObjectMeta } from '../network/network-policy.ts';
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
}

export function configMaps(cluster: Pick<Cluster, 'request'>): ConfigMaps {
  return {
    async get(namespace, name) {
      return unlessNotFound(
        cluster.request<RawConfigMap>('GET', resourcePath({ api: '/api/v1', resource: 'configmaps', namespace, name })),
      );
    },
  };
}
