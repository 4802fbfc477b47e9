// The API server in memory over HTTP, with a kubeconfig, for commands.
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Method } from '../../src/cluster/connection.ts';
import type { MemoryApi } from '../api-server/memory-api.ts';
import { serveFaults } from '../cluster/fault-server.ts';

/**
 * Serves a double until the test ends. Resolves to the path of a kubeconfig. `now` is the clock of
 * the API server (milliseconds since 1970).
 */
export async function serveMemoryApi(api: MemoryApi, now: () => number = Date.now): Promise<string> {
  const server = await serveFaults((request, response) => {
    answer(api, request).then(
      ({ status, body }) => {
        response.statusCode = status;
        response.setHeader('date', new Date(now()).toUTCString());
        response.end(JSON.stringify(body));
      },
      () => response.destroy(),
    );
  });
  return server.kubeconfig;
}

/** The same cluster, which also answers what only a real API server has. */
export function withVersion(api: MemoryApi): MemoryApi {
  const request: typeof api.cluster.request = async (method, path, options) => {
    if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.0' } as never;
    try {
      return await api.cluster.request(method, path, options);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('not served', { code: 404 });
    }
  };
  return { ...api, cluster: { ...api.cluster, request } };
}

/** What discovery says of one version of a group. A stale group lacks its resources. */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly isStale?: true;
}

/** The same cluster, which also answers discovery: NetworkPolicies, and these kinds. */
export function withDiscovery(api: MemoryApi, kinds: readonly ServedKind[]): MemoryApi {
  const own = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies', kind: 'NetworkPolicy' };
  const items = [own, ...kinds].map(({ group, version, resource, kind, isStale }: ServedKind) => ({
    metadata: { name: group },
    versions: [
      {
        version,
        freshness: isStale === true ? 'Stale' : 'Current',
        resources: isStale === true ? [] : [{ resource, responseKind: { kind } }],
      },
    ],
  }));
  const request: typeof api.cluster.request = async (method, path, options) =>
    path === '/apis' ? ({ items } as never) : api.cluster.request(method, path, options);
  return { ...api, cluster: { ...api.cluster, request } };
}

async function answer(api: MemoryApi, request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
  const sent = await text(request);
  const contentType = request.headers['content-type'];
  const group = /^\/apis\/([^/]+)$/.exec(pathname)?.[1];
  if (group !== undefined) {
    const versions = api.world.groups[group];
    if (versions === undefined) return { status: 404, body: { kind: 'Status', status: 'Failure', code: 404 } };
    return { status: 200, body: { kind: 'APIGroup', versions: versions.map((version) => ({ version })) } };
  }
  try {
    const body = await api.cluster.request(request.method as Method, pathname, {
      query: Object.fromEntries(searchParams),
      ...(sent === '' ? {} : { body: JSON.parse(sent) as unknown }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    return { status: 200, body };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, reason, statusMessage: message } = error;
    return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
  }
}
