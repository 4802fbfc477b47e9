import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

/** core/v1 Event, as it came. */
export interface RawEvent {
  readonly metadata: ObjectMeta;
  readonly count?: unknown;
}

/**
 * Events by core/v1: it has a count and a message that may change. Of an events.k8s.io/v1 Event only `series` may, and kubectl shows the first
 * note for ever.
 */
export interface Events {
  /** Throws an ApiError 409 AlreadyExists where there is one of that name, 404 where there is no such namespace, 403 where it is ending. */
  create(event: RawEvent, options?: CallLimits): Promise<RawEvent>;
  /** Merge patch. Throws an ApiError 404 where there is none, 409 Conflict where it changed since the patch's `metadata.resourceVersion`. */
  patch(namespace: string, name: string, change: object, options?: CallLimits): Promise<RawEvent>;
}

export function events(cluster: Pick<Cluster, 'request'>): Events {
  const path = (namespace: string, name?: string): string =>
    resourcePath({ api: '/api/v1', resource: 'events', namespace, ...(name === undefined ? {} : { name }) });
  return {
    async create(event, options) {
      return cluster.request('POST', path(event.metadata.namespace ?? ''), { ...options, body: event });
    },
    async patch(namespace, name, change, options) {
      const contentType = 'application/merge-patch+json';
      return cluster.request('PATCH', path(namespace, name), { ...options, contentType, body: change });
    },
  };
}
