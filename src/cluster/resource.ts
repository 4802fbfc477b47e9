import { apiPathOf, type GroupVersion, type Kind } from '../kubernetes/kinds.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { maxPageBytes, readPage } from './list.ts';
import { resourcePath } from './resource-path.ts';

/** Where a kind is served. */
export type Served = GroupVersion & Pick<Kind, 'resource' | 'scope'>;

/** The name of an object, and its namespace if the kind is namespaced. */
export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * The calls to one resource of the API. Reads are live: the API server answers with committed data.
 */
export interface Resource<T> {
  /** Undefined if there is no object of that name. */
  get(place: Place, options?: CallLimits): Promise<T | undefined>;
  /**
   * The first `limit` objects of a namespace, and whether these are all. A namespace that does not
   * exist holds none.
   */
  list(
    namespace: string,
    limit: number,
    options?: CallLimits,
  ): Promise<{ readonly objects: readonly T[]; readonly isWhole: boolean }>;
  /**
   * Throws an ApiError 409 AlreadyExists if the name is taken, and 404 if the namespace does not
   * exist.
   */
  create(object: T, options?: CallLimits): Promise<T>;
  /** As `create`, but nothing is stored. `onWarning` is told of what admission warns of. */
  tryCreate(object: T, onWarning: (text: string) => void, options?: CallLimits): Promise<T>;
  /**
   * Throws an ApiError 409 Conflict if the object changed since its `metadata.resourceVersion`, and
   * 404 if it is gone.
   */
  replace(object: T, options?: CallLimits): Promise<T>;
  /**
   * Applies server-side as field manager "ringfence", and takes over fields that others own.
   * Resolves to the stored object.
   */
  apply(object: T, options?: CallLimits): Promise<T>;
  /**
   * Applies a merge patch (RFC 7386) as field manager "ringfence". Throws an ApiError as `replace`
   * does.
   */
  patch(place: Place, change: object, options?: CallLimits): Promise<T>;
}

/**
 * One resource of the API: raw JSON in, raw JSON out. `as` is the representation that reads
 * request. With 'metadata' an object comes without its spec, data and status (meta/v1
 * PartialObjectMetadata).
 */
export function resource<T extends { readonly metadata: ObjectMeta }>(
  cluster: Pick<Cluster, 'request'>,
  kind: Served,
  as: 'whole' | 'metadata' = 'whole',
): Resource<T> {
  const collectionOf = ({ namespace = '' }: Place) => ({
    api: apiPathOf(kind),
    resource: kind.resource,
    // An empty namespace is refused, because it would turn the call into one across namespaces.
    ...(kind.scope === 'Namespaced' ? { namespace } : {}),
  });
  const collectionPath = (place: Place): string => resourcePath(collectionOf(place));
  const path = (place: Place): string => resourcePath({ ...collectionOf(place), name: place.name ?? '' });
  const accept = (type: string): { accept?: string } =>
    as === 'whole' ? {} : { accept: `application/json;as=${type};g=meta.k8s.io;v=v1` };

  return {
    async get(place, options) {
      const call = { ...options, ...accept('PartialObjectMetadata') };
      return unlessNotFound(cluster.request<T>('GET', path(place), call));
    },
    async list(namespace, limit, options) {
      const call = { ...options, query: { limit }, ...accept('PartialObjectMetadataList') };
      const page = await readPage<T>(cluster, collectionPath({ namespace }), {
        ...call,
        maxBytes: maxPageBytes(limit),
      });
      return { objects: page.items, isWhole: page.continueToken === undefined };
    },
    async create(object, options) {
      return cluster.request('POST', collectionPath(object.metadata), { ...options, body: object });
    },
    async tryCreate(object, onWarning, options) {
      const call = { ...options, query: { dryRun: 'All' }, body: object, repeatable: true, onWarning };
      return cluster.request('POST', collectionPath(object.metadata), call);
    },
    async replace(object, options) {
      return cluster.request('PUT', path(object.metadata), { ...options, body: object });
    },
    async apply(object, options) {
      return cluster.request('PATCH', path(object.metadata), {
        ...options,
        // JSON is valid YAML. The API server accepts apply patches only with this type.
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'ringfence', force: true },
        body: object,
        repeatable: true,
      });
    },
    async patch(place, change, options) {
      return cluster.request('PATCH', path(place), {
        ...options,
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'ringfence' },
        body: change,
      });
    },
  };
}
