// An API server in memory, for what the person's commands do: objects by their path, preconditions, pages, a namespace that takes time to end.
import { ApiError } from '../../src/cluster/api-error.ts';
import type { CallOptions, Cluster, Method } from '../../src/cluster/connection.ts';

export interface DoubleObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A call as tests name it: `PATCH namespaces/shop`, `LIST networkpolicies`, `DELETE networkpolicies/shop/deny-all-baseline`. */
type Call = string;

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const admission = '/apis/admissionregistration.k8s.io/v1';

export function createApiDouble(options: { readonly pageSize?: number } = {}) {
  const store = new Map<string, DoubleObject>();
  const calls: Call[] = [];
  const bodies = new Map<Call, unknown>();
  let version = 100;
  /** Everything that tests may bend: what happens before a call is answered, rights that are missing, resources that are not served. */
  const world = {
    before: (_call: Call): Promise<void> | void => undefined,
    denied: (_right: Readonly<Record<string, string>>): boolean => false,
    unserved: [] as readonly string[],
    /** How many times a namespace is still there, ending, when it is asked for after its deletion. */
    endingReads: 1,
  };

  function put(path: string, object: { readonly metadata?: object; readonly [field: string]: unknown }): DoubleObject {
    const [, namespace] = /\/namespaces\/([^/]+)\/[^/]+\/[^/]+$/.exec(path) ?? [];
    version += 1;
    const stored: DoubleObject = {
      ...object,
      metadata: {
        name: path.split('/').at(-1) ?? '',
        ...(namespace === undefined ? {} : { namespace }),
        uid: `uid-${version}`,
        ...object.metadata,
        resourceVersion: String(version),
      },
    };
    store.set(path, stored);
    return stored;
  }

  function requireStored(path: string): DoubleObject {
    const found = store.get(path);
    if (found === undefined) throw notFound(path);
    return found;
  }

  function hold(
    object: DoubleObject,
    preconditions: { readonly uid?: unknown; readonly resourceVersion?: unknown },
  ): void {
    const { uid, resourceVersion } = object.metadata;
    if ((preconditions.uid ?? uid) !== uid || (preconditions.resourceVersion ?? resourceVersion) !== resourceVersion)
      throw refusal(409, 'Conflict', 'the object has been modified');
  }

  function patch(path: string, { body, query }: CallOptions): DoubleObject {
    const found = requireStored(path);
    const { metadata } = body as { metadata: Record<string, unknown> };
    const { uid, resourceVersion, ...changes } = metadata;
    hold(found, { uid, resourceVersion });
    const merged: Record<string, unknown> = { ...found.metadata };
    for (const [field, change] of Object.entries(changes)) merged[field] = merge(merged[field], change);
    const next = { ...found, metadata: merged };
    return query?.['dryRun'] === 'All' ? (next as DoubleObject) : put(path, next);
  }

  function remove(path: string, body: unknown): void {
    const found = requireStored(path);
    hold(found, (body as { preconditions: object }).preconditions);
    if (!/^\/api\/v1\/namespaces\/[^/]+$/.test(path) || world.endingReads === 0) erase(path);
    else put(path, { ...found, metadata: { ...found.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  }

  function erase(path: string): void {
    store.delete(path);
    for (const inside of store.keys())
      if (inside.includes(`/namespaces/${path.split('/').at(-1)}/`)) store.delete(inside);
  }

  function read(path: string): DoubleObject {
    const found = requireStored(path);
    if (found.metadata.deletionTimestamp !== undefined && path.split('/').length === 5) {
      world.endingReads -= 1;
      if (world.endingReads < 0) erase(path);
    }
    return found;
  }

  function list(path: string, query: CallOptions['query']): object {
    const { group, resource } = collectionOf(path);
    const members = [...store.entries()]
      .filter(([key]) => key.startsWith(`${group}/`) && key.split('/').at(-2) === resource)
      .map(([, object]) => object)
      .filter(({ metadata }) => matches(metadata, query));
    const from = Number(query?.['continue'] ?? 0);
    const size = options.pageSize ?? 500;
    const more = from + size < members.length ? String(from + size) : undefined;
    return { metadata: { resourceVersion: String(version), continue: more }, items: members.slice(from, from + size) };
  }

  const cluster: Pick<Cluster, 'request'> = {
    async request<T>(method: Method, path: string, call: CallOptions = {}): Promise<T> {
      const isReview = path.endsWith('/selfsubjectaccessreviews');
      const { resource } = collectionOf(path);
      const isList = method === 'GET' && resource === path.split('/').at(-1);
      const named = isReview ? 'ASK' : `${isList ? 'LIST' : method} ${nameOf(path)}`;
      if (!isReview) calls.push(named);
      bodies.set(named, call.body);
      await world.before(named);
      if (world.unserved.includes(resource)) throw new ApiError(`${named}: 404 page not found`, { code: 404 });
      if (isReview) {
        const { spec } = call.body as { spec: { resourceAttributes: Readonly<Record<string, string>> } };
        return { status: { allowed: !world.denied(spec.resourceAttributes) } } as T;
      }
      if (isList) return structuredClone(list(path, call.query)) as T;
      if (method === 'GET') return structuredClone(read(path)) as T;
      if (method === 'PATCH') return structuredClone(patch(path, call)) as T;
      if (method !== 'DELETE') throw new Error(`not played: ${named}`);
      remove(path, call.body);
      return { kind: 'Status', status: 'Success' } as T;
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
    at: (path: string): DoubleObject | undefined => store.get(path),
    paths: (): readonly string[] => [...store.keys()].sort((a, b) => (a < b ? -1 : 1)),
  };
}

export type ApiDouble = ReturnType<typeof createApiDouble>;

export const paths = {
  namespace: (name: string) => `/api/v1/namespaces/${name}`,
  policy: (namespace: string, name: string) =>
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${name}`,
  clusterRole: (name: string) => `${rbac}/clusterroles/${name}`,
  clusterRoleBinding: (name: string) => `${rbac}/clusterrolebindings/${name}`,
  webhooks: (kind: 'validating' | 'mutating') => `${admission}/${kind}webhookconfigurations/ringfence`,
  admission: (resource: string, name: string) => `${admission}/${resource}/${name}`,
};

/** An answer that says no, as the API server's. */
export function refusal(code: number, reason: string, message: string): ApiError {
  return new ApiError(`${code} ${reason} ${message}`, { code, reason, statusMessage: message });
}

function notFound(path: string): ApiError {
  return refusal(404, 'NotFound', `${nameOf(path)} not found`);
}

function merge(before: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null) return change;
  const merged: Record<string, unknown> = { ...(before as object | undefined) };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

function matches({ name, labels }: DoubleObject['metadata'], query: CallOptions['query']): boolean {
  const [, named] = String(query?.['fieldSelector'] ?? '').split('metadata.name=');
  const [key = '', value] = String(query?.['labelSelector'] ?? '').split('=');
  return (named === undefined || named === name) && (key === '' || labels?.[key] === value);
}

/** The API's prefix and the resource of a path. */
function collectionOf(path: string): { readonly group: string; readonly resource: string } {
  const [, group = '', rest = ''] = /^(\/api\/v1|\/apis\/[^/]+\/v1)\/(.*)$/.exec(path) ?? [];
  const parts = rest.split('/');
  const resource = parts[0] === 'namespaces' && parts.length > 2 ? parts[2] : parts[0];
  return { group, resource: resource ?? '' };
}

function nameOf(path: string): string {
  const { group, resource } = collectionOf(path);
  const rest = path.slice(group.length + 1).split('/');
  if (rest[0] !== 'namespaces' || rest.length <= 2) return rest.join('/');
  return [resource, rest[1], ...rest.slice(3)].join('/');
}
