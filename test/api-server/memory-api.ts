// An API server in memory for the requests of src/cluster: any resource, pages, preconditions, and
// namespaces that take time to end.
import { ApiError } from '../../src/cluster/api-error.ts';
import type { CallOptions, Cluster, Method } from '../../src/cluster/connection.ts';
import { addressOf } from './address.ts';
import {
  createObjectStore,
  holdPreconditions,
  lifecycleRefusal,
  mergePatch,
  pageOf,
  type SentObject,
  type StoredObject,
} from './object-store.ts';

/**
 * A call in the form of tests: `PATCH namespaces/shop`, `LIST networkpolicies`, `DELETE
 * networkpolicies/shop/deny-all-baseline`.
 */
type Call = string;

export function createMemoryApi(options: { readonly pageSize?: number } = {}) {
  const store = createObjectStore();
  /** The path of each API by its resources, for resources that have objects. */
  const apis = new Map<string, string>();
  const calls: Call[] = [];
  const bodies = new Map<Call, unknown>();
  /**
   * The parts that tests may change: hooks before an answer, missing rights, resources that are not
   * served.
   */
  const world = {
    before: (_call: Call): Promise<void> | void => undefined,
    denied: (_right: Readonly<Record<string, string>>): boolean => false,
    unserved: [] as readonly string[],
    /** The versions of API groups, for a GET of the group (apimachinery APIGroup). */
    groups: {} as Readonly<Record<string, readonly string[]>>,
    /** The number of reads for which a deleted namespace still exists and is terminating. */
    endingReads: 1,
  };

  /** Returns the object with the name and namespace of its path. */
  function place(path: string, { metadata, ...rest }: SentObject): SentObject {
    const { api, resource, name, namespace } = addressOf(path);
    apis.set(resource, api);
    return { ...rest, metadata: { name, ...(namespace === '' ? {} : { namespace }), ...metadata } };
  }

  /** Stores an object in place of one with its name. It gets a new uid, unless it has one. */
  function put(path: string, object: { readonly metadata?: object; readonly [field: string]: unknown }): StoredObject {
    const { resource, key } = addressOf(path);
    const metadata = { uid: `uid-${store.version() + 1}`, ...object.metadata };
    return store.put(resource, key, place(path, { ...object, metadata }));
  }

  function erase(path: string): void {
    const { resource, key } = addressOf(path);
    store.remove(resource, key);
    if (resource !== 'namespaces') return;
    for (const each of apis.keys())
      for (const inside of store.all(each).keys()) if (inside.startsWith(`${key}/`)) store.remove(each, inside);
  }

  function read(path: string): StoredObject {
    const { resource, key } = addressOf(path);
    const found = store.get(resource, key);
    if (resource === 'namespaces' && found.metadata.deletionTimestamp !== undefined) {
      world.endingReads -= 1;
      if (world.endingReads < 0) erase(path);
    }
    return found;
  }

  function list(path: string, query: CallOptions['query']): object {
    const { resource, namespace } = addressOf(path);
    const members = [...store.all(resource).values()].filter(
      ({ metadata }) => (namespace === '' || namespace === metadata.namespace) && matches(metadata, query),
    );
    const { items, ...more } = pageOf(members, Number(query?.['continue'] ?? 0), options.pageSize ?? 500);
    return { metadata: { resourceVersion: String(store.version()), ...more }, items };
  }

  function requireOpen(namespace: string): void {
    const refused = namespace === '' ? undefined : lifecycleRefusal(namespace, store.all('namespaces').get(namespace));
    if (refused !== undefined) throw refused;
  }

  function create(path: string, body: SentObject): StoredObject {
    const { resource, namespace, key } = addressOf(`${path}/${body.metadata?.name}`);
    requireOpen(namespace);
    return store.create(resource, key, place(`${path}/${body.metadata?.name}`, body));
  }

  function patch(path: string, { body, query, contentType }: CallOptions): StoredObject {
    const { resource, key, namespace } = addressOf(path);
    if (contentType === 'application/apply-patch+yaml') {
      if (!store.all(resource).has(key)) requireOpen(namespace);
      return store.apply(resource, key, place(path, body as object));
    }
    return query?.['dryRun'] === 'All'
      ? mergePatch(store.get(resource, key), body as object)
      : store.patch(resource, key, body as object);
  }

  function remove(path: string, body: unknown): object {
    const { resource, key } = addressOf(path);
    const found = store.get(resource, key);
    holdPreconditions(found, (body as { preconditions: object }).preconditions);
    if (resource !== 'namespaces' || world.endingReads === 0) erase(path);
    else store.patch(resource, key, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    return { kind: 'Status', status: 'Success' };
  }

  function answer(method: Method, path: string, call: CallOptions): object {
    if ((method === 'POST' || method === 'PUT') && call.query?.['dryRun'] === 'All') return call.body as object;
    if (method === 'GET') return addressOf(path).name === '' ? list(path, call.query) : read(path);
    if (method === 'POST') return create(path, call.body as SentObject);
    if (method === 'PATCH') return patch(path, call);
    if (method === 'DELETE') return remove(path, call.body);
    const { resource, key } = addressOf(path);
    return store.replace(resource, key, call.body as SentObject);
  }

  const cluster: Pick<Cluster, 'request'> = {
    async request<T>(method: Method, path: string, call: CallOptions = {}): Promise<T> {
      const { resource, name, key } = addressOf(path);
      const isReview = resource === 'selfsubjectaccessreviews';
      const verb = method === 'GET' && name === '' ? 'LIST' : method;
      const named = `${isReview ? 'ASK' : verb} ${[resource, key].filter((part) => part !== '').join('/')}`;
      if (!isReview) calls.push(named);
      bodies.set(named, call.body);
      await world.before(named);
      if (world.unserved.includes(resource)) throw new ApiError(`${named}: 404 page not found`, { code: 404 });
      if (!isReview) return structuredClone(answer(method, path, call)) as T;
      const { spec } = call.body as { spec: { resourceAttributes: Readonly<Record<string, string>> } };
      return { status: { allowed: !world.denied(spec.resourceAttributes) } } as T;
    },
  };

  return {
    cluster,
    world,
    calls,
    writes: (): readonly Call[] => calls.filter((call) => !/^(?:GET|LIST) /.test(call)),
    bodyOf: (call: Call): unknown => bodies.get(call),
    put,
    erase,
    at(path: string): StoredObject | undefined {
      const { resource, key } = addressOf(path);
      return store.all(resource).get(key);
    },
    paths: (): readonly string[] =>
      [...apis]
        .flatMap(([resource, api]) => [...store.all(resource).keys()].map((key) => pathOf(api, resource, key)))
        .sort(),
  };
}

export type MemoryApi = ReturnType<typeof createMemoryApi>;

function matches({ name, labels }: StoredObject['metadata'], query: CallOptions['query']): boolean {
  const [, named] = String(query?.['fieldSelector'] ?? '').split('metadata.name=');
  const [key = '', value] = String(query?.['labelSelector'] ?? '').split('=');
  return (named === undefined || named === name) && (key === '' || labels?.[key] === value);
}

function pathOf(api: string, resource: string, key: string): string {
  const [namespace, name] = key.split('/');
  return name === undefined ? `${api}/${resource}/${key}` : `${api}/namespaces/${namespace}/${resource}/${name}`;
}
