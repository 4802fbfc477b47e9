// The store behind the API server of the tests: objects in memory, with the rules of reads and
// writes.
import { ApiError } from '../../src/cluster/api-error.ts';
import type { ObjectMeta } from '../../src/kubernetes/object-meta.ts';

/** A stored object of any kind. It is never changed in place. */
export interface StoredObject {
  readonly metadata: ObjectMeta & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** An object as it is sent. */
export interface SentObject {
  readonly metadata?: ObjectMeta;
}

export interface Changed {
  /** The plural name, `networkpolicies`. */
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
}

/**
 * Objects by resource (`networkpolicies`) and key (`NAMESPACE/NAME`, or `NAME` for cluster-scoped
 * objects). One version counts all writes, as etcd's revision does. Refusals are thrown as an
 * ApiError.
 */
export interface ObjectStore {
  /** The version of the last write. */
  version(): number;
  /**
   * The objects of a resource, in the order of their creation. The map changes with every write.
   */
  all(resource: string): Map<string, StoredObject>;
  /** Throws 404 NotFound. */
  get(resource: string, key: string): StoredObject;
  /**
   * Stores an object in place of any other. It keeps the uid of that one, unless it has its own.
   */
  put(resource: string, key: string, object: SentObject): StoredObject;
  /** Throws 409 AlreadyExists. */
  create(resource: string, key: string, object: SentObject): StoredObject;
  /**
   * Throws 404 NotFound, and 409 Conflict if the uid or resourceVersion differ from the stored
   * ones.
   */
  replace(resource: string, key: string, object: SentObject): StoredObject;
  /** Merge patch (RFC 7386). Throws as `replace` does. */
  patch(resource: string, key: string, change: object): StoredObject;
  /**
   * Forced server-side apply by one manager. It removes labels that the last apply had and this one
   * lacks. Fields of the spec that it does not contain stay, because others own them. Throws 409 as
   * `replace` does. `mutate` is a webhook that is called with the merged object.
   */
  apply<T extends SentObject>(resource: string, key: string, object: T, mutate?: (merged: T) => T): StoredObject;
  /** Removes an object at once. It may be absent. */
  remove(resource: string, key: string): void;
}

/** Creates a store. `onChange` is called for each write, before the write returns. */
export function createObjectStore(onChange: (change: Changed) => void = () => undefined, first = 100): ObjectStore {
  const resources = new Map<string, Map<string, StoredObject>>();
  const appliedLabels = new Map<string, readonly string[]>();
  let version = first;

  function all(resource: string): Map<string, StoredObject> {
    const objects = resources.get(resource) ?? new Map<string, StoredObject>();
    resources.set(resource, objects);
    return objects;
  }

  function get(resource: string, key: string): StoredObject {
    const found = resources.get(resource)?.get(key);
    if (found === undefined) throw notFound(resource, key);
    return found;
  }

  function put(resource: string, key: string, sent: SentObject): StoredObject {
    const objects = all(resource);
    const previous = objects.get(key);
    version += 1;
    const uid = sent.metadata?.uid ?? previous?.metadata.uid ?? `uid-${version}`;
    const object: StoredObject = { ...sent, metadata: { ...sent.metadata, uid, resourceVersion: String(version) } };
    objects.set(key, object);
    onChange({ resource, type: previous === undefined ? 'ADDED' : 'MODIFIED', object });
    return object;
  }

  return {
    version: () => version,
    all,
    get,
    put,
    create(resource, key, object) {
      if (all(resource).has(key)) throw refusal(409, 'AlreadyExists', `${resource} "${key}" already exists`);
      return put(resource, key, object);
    },
    replace(resource, key, object) {
      holdPreconditions(get(resource, key), object.metadata);
      return put(resource, key, object);
    },
    patch(resource, key, change) {
      const found = get(resource, key);
      // An empty patch writes nothing.
      return Object.keys(change).length === 0 ? found : put(resource, key, mergePatch(found, change));
    },
    apply<T extends SentObject>(resource: string, key: string, sent: T, mutate = (merged: T): T => merged) {
      const previous = all(resource).get(key);
      if (previous !== undefined) holdPreconditions(previous, sent.metadata);
      const { labels = {}, annotations } = sent.metadata ?? {};
      const kept: Record<string, string> = { ...previous?.metadata.labels };
      const owner = `${resource}/${key}`;
      for (const label of appliedLabels.get(owner) ?? []) if (!(label in labels)) delete kept[label];
      appliedLabels.set(owner, Object.keys(labels));
      const metadata = {
        ...previous?.metadata,
        ...sent.metadata,
        labels: { ...kept, ...labels },
        annotations: { ...previous?.metadata.annotations, ...annotations },
      };
      const spec = { ...(previous?.['spec'] as object), ...(sent as { spec?: object }).spec };
      return put(resource, key, mutate({ ...sent, metadata, spec }));
    },
    remove(resource, key) {
      const previous = resources.get(resource)?.get(key);
      if (previous === undefined) return;
      all(resource).delete(key);
      appliedLabels.delete(`${resource}/${key}`);
      version += 1;
      const metadata = { ...previous.metadata, resourceVersion: String(version) };
      onChange({ resource, type: 'DELETED', object: { ...previous, metadata } });
    },
  };
}

/** Throws 409 Conflict if a precondition has another uid or resourceVersion than the object. */
export function holdPreconditions(
  { metadata: { uid, resourceVersion } }: StoredObject,
  preconditions: { readonly uid?: string; readonly resourceVersion?: string } = {},
): void {
  if ((preconditions.uid ?? uid) !== uid || (preconditions.resourceVersion ?? resourceVersion) !== resourceVersion)
    throw refusal(409, 'Conflict', 'the object has been modified');
}

/** Returns the object after a merge patch, without storing it. Throws as `replace` does. */
export function mergePatch(found: StoredObject, change: object): StoredObject {
  holdPreconditions(found, (change as SentObject).metadata);
  return merge(found, change) as StoredObject;
}

/**
 * Returns the refusal of the admission plugin NamespaceLifecycle for a creation in a namespace;
 * undefined if the plugin allows it.
 */
export function lifecycleRefusal(name: string, namespace: SentObject | undefined): ApiError | undefined {
  if (namespace === undefined) return notFound('namespaces', name);
  if (namespace.metadata?.deletionTimestamp === undefined) return undefined;
  const what = `unable to create new content in namespace ${name} because it is being terminated`;
  return refusal(403, 'Forbidden', what);
}

/**
 * Returns a page of a list: the items from `start` on, and the start of the next page if there is
 * one.
 */
export function pageOf<T>(items: readonly T[], start: number, size: number) {
  const next = start + size;
  return { items: items.slice(start, next), ...(next < items.length ? { continue: String(next) } : {}) };
}

/** Returns an error like the API server's. */
export function refusal(code: number, reason = '', message = ''): ApiError {
  const text = message === '' ? `answered ${code}` : `${code} ${reason} ${message}`;
  return new ApiError(text, { code, reason, statusMessage: message });
}

export function notFound(resource: string, name: string): ApiError {
  return refusal(404, 'NotFound', `${resource} "${name}" not found`);
}

function merge(before: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const merged: Record<string, unknown> = { ...(before as object | undefined) };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}
