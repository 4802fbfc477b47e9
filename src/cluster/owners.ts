import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** The workloads that control Pods, or what controls Pods, and where they are served. */
const places = {
  Deployment: { api: '/apis/apps/v1', resource: 'deployments' },
  ReplicaSet: { api: '/apis/apps/v1', resource: 'replicasets' },
  StatefulSet: { api: '/apis/apps/v1', resource: 'statefulsets' },
  DaemonSet: { api: '/apis/apps/v1', resource: 'daemonsets' },
  ReplicationController: { api: '/api/v1', resource: 'replicationcontrollers' },
  Job: { api: '/apis/batch/v1', resource: 'jobs' },
  CronJob: { api: '/apis/batch/v1', resource: 'cronjobs' },
} as const;

export interface Owners {
  /** Live, metadata only. */
  get(
    kind: keyof typeof places,
    namespace: string,
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: ObjectMeta } | undefined>;
}

export function owners(cluster: Pick<Cluster, 'request'>): Owners {
  return {
    async get(kind, namespace, name, options) {
      const path = resourcePath({ ...places[kind], namespace, name });
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
      return unlessNotFound(cluster.request<{ metadata: ObjectMeta }>('GET', path, { ...options, accept }));
    },
  };
}
