import type { AgentOptions, RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { type Dispatcher, Pool } from 'undici';

/** What a call needs: the address, the credentials and the connections. */
export interface Access {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The prefix of every path in the server's URL, or an empty text. */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * Credentials that follow the files that they come from. ServiceAccount tokens and certificates
 * rotate while the process runs.
 */
export interface Credentials {
  /** At most a minute old. Throws if there are no usable credentials. */
  current(): Promise<Access>;
  /**
   * Reads everything again because the API server refused these. Returns the same object if nothing
   * changed.
   */
  renew(refused: Access): Promise<Access>;
  close(): Promise<void>;
}

/**
 * Reads a kubeconfig file. Without one it uses client-node's default order: KUBECONFIG,
 * ~/.kube/config, the ServiceAccount of the Pod. Throws an Error with one sentence if none of them
 * is usable.
 */
export function loadCredentials(kubeconfig: string | undefined, now: () => number, connections: number): Credentials {
  let config = load(kubeconfig);
  let material: Material | undefined;
  let access: Access | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Access> | undefined;

  async function read(): Promise<Access> {
    readAt = now();
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig has no current context with a cluster');
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const next = { server: cluster.server, tls: tlsOf(options) };
    const previous = access;
    const keeps = previous !== undefined && isDeepStrictEqual(next, material);
    const headers = headersOf(options);
    if (keeps && isDeepStrictEqual(headers, previous.headers)) return previous;
    const url = new URL(cluster.server);
    const dispatcher = keeps ? previous.dispatcher : await makeDispatcher(config, url.origin, next.tls, connections);
    access = { origin: url.origin, basePath: url.pathname.replace(/\/$/u, ''), headers, dispatcher };
    material = next;
    if (previous !== undefined && !keeps) retire(previous.dispatcher);
    return access;
  }

  function refresh(): Promise<Access> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function current(): Promise<Access> {
    if (access !== undefined && now() - readAt < maxAgeMs) return access;
    try {
      return await refresh();
    } catch (error) {
      // A file may be in the middle of a replacement. The credentials of a minute ago are then the
      // best ones available.
      if (access !== undefined) return access;
      throw error;
    }
  }

  return {
    current,
    async renew(refused) {
      if (access !== refused) return current();
      try {
        // Other calls that were refused at the same time wait for the first one's read.
        if (now() - renewedAt < renewEveryMs) return (await reading) ?? refused;
        renewedAt = now();
        // A new KubeConfig is needed, because the old one keeps its token for a minute, and inline
        // certificates forever.
        config = load(kubeconfig);
        return await refresh();
      } catch {
        return refused;
      }
    },
    async close() {
      await access?.dispatcher.destroy();
    },
  };
}

/** The settings of connections. Connections are made again only when these change. */
interface Material {
  readonly server: string;
  readonly tls: AgentOptions;
}

/** client-go and client-node re-read token files at the same interval. */
const maxAgeMs = 60_000;
/** Refused credentials are read again at most this often, however many calls are refused. */
const renewEveryMs = 1_000;
/** Longer than the time between taking an Access and sending with it. */
const retireAfterMs = 1_000;
/**
 * Shorter than the shortest call with a time limit (3 s in the gate), so that a dead address fails
 * as a connection, not as a timeout.
 */
const connectTimeoutMs = 2_500;
/**
 * Shorter than the 90 s after which Go's server closes an idle connection, so that this side closes
 * it first.
 */
const keepAliveMs = 60_000;
/** As in client-go: earlier than load balancers that close idle connections after 60 s. */
const probeAfterMs = 30_000;
function load(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) {
    config.loadFromFile(kubeconfig);
    return config;
  }
  config.loadFromDefault();
  // If client-node finds no configuration, it invents http://localhost:8080 for a context of this
  // name.
  if (config.getCurrentContext() === 'loaded-context')
    throw new Error(
      'no cluster found: KUBECONFIG, ~/.kube/config and a ServiceAccount are all missing; use --kubeconfig FILE',
    );
  return config;
}

function headersOf(options: RequestOptions): Record<string, string> {
  // The API server's audit log shows this name, for watches too.
  const headers: Record<string, string> = { 'User-Agent': 'ringfence' };
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim();
  return headers;
}

function tlsOf(options: RequestOptions & { readonly servername?: string | undefined }): AgentOptions {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const all = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function makeDispatcher(
  config: KubeConfig,
  origin: string,
  tls: AgentOptions,
  connections: number,
): Promise<Dispatcher> {
  const options = config.createDispatcherOptions(config.getCurrentCluster(), tls);
  if (options.type === 'proxy' || options.type === 'socks') {
    // Only command lines use a proxy, and client-node's own dispatcher supports all its forms.
    const context = new RequestContext('http://localhost/', 'GET');
    await config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    if (dispatcher !== undefined) return dispatcher;
  }
  return new Pool(origin, {
    // With HTTP/2, one silent connection would block every call and every watch at once.
    allowH2: false,
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connect: {
      ...(tls as ConnectionOptions),
      timeout: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelay: probeAfterMs,
    } as NonNullable<Pool.Options['connect']>,
  });
}

/** Lets running calls finish. Calls that took the dispatcher a moment ago can still begin. */
function retire(dispatcher: Dispatcher): void {
  setTimeout(() => {
    dispatcher.close().catch(() => undefined);
  }, retireAfterMs).unref();
}
