import type { AgentOptions, RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { type Dispatcher, Pool } from 'undici';

/** What a call needs: where to, as whom, over which connections. */
export interface Access {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What the server's URL has in front of every path, or ''. */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * Credentials that follow the files they come from: ServiceAccount tokens and certificates rotate
 * under a running process.
 */
export interface Credentials {
  /** At most a minute old. Throws where there is none to use. */
  current(): Promise<Access>;
  /**
   * Reads everything anew because the API server refused these; the same object where nothing
   * changed.
   */
  renew(refused: Access): Promise<Access>;
  close(): Promise<void>;
}

/**
 * Reads a kubeconfig file, or without one what client-node's default order finds: KUBECONFIG,
 * ~/.kube/config, the ServiceAccount of the Pod. Throws an Error in one sentence where none is
 * usable.
 */
export function loadCredentials(kubeconfig: string | undefined, now: () => number): Credentials {
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
    const dispatcher = keeps ? previous.dispatcher : await makeDispatcher(config, url.origin, next.tls);
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
      // A file that is being replaced this moment: what worked a minute ago is the best there is.
      if (access !== undefined) return access;
      throw error;
    }
  }

  return {
    current,
    async renew(refused) {
      if (access !== refused) return current();
      try {
        // Others refused in the same moment wait for the first one's reading.
        if (now() - renewedAt < renewEveryMs) return (await reading) ?? refused;
        renewedAt = now();
        // A new KubeConfig, because the old one keeps the token it read for a minute, and inline
        // certificates for ever.
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

/** What connections are made of: they are made anew only when it changes. */
interface Material {
  readonly server: string;
  readonly tls: AgentOptions;
}

/** As client-go and client-node re-read token files. */
const maxAgeMs = 60_000;
/** A refused credential is looked up again at most this often, however many calls are refused. */
const renewEveryMs = 1_000;
/** Longer than the moment between taking an Access and sending with it. */
const retireAfterMs = 1_000;
/**
 * Under the shortest call that has a budget (3 s in the gate), so that a dead address fails as a
 * connection, not as a timeout.
 */
const connectTimeoutMs = 2_500;
/**
 * Under the 90 s after which Go's server closes an idle connection, so that we are the side that
 * lets go.
 */
const keepAliveMs = 60_000;
/** As client-go: before the load balancers that cut idle connections after 60 s. */
const probeAfterMs = 30_000;
/**
 * One call each (pipelining 1): far above the gate's shared reads and the reconciler's 8, far below
 * the API server's 400 in flight.
 */
const connections = 64;
function load(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) {
    config.loadFromFile(kubeconfig);
    return config;
  }
  config.loadFromDefault();
  // What client-node invents where it finds nothing: http://localhost:8080 for a context of this
  // name.
  if (config.getCurrentContext() === 'loaded-context')
    throw new Error(
      'no cluster found: KUBECONFIG, ~/.kube/config and a ServiceAccount are all missing; use --kubeconfig FILE',
    );
  return config;
}

function headersOf(options: RequestOptions): Record<string, string> {
  // Told to the API server's audit log, for watches too.
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

async function makeDispatcher(config: KubeConfig, origin: string, tls: AgentOptions): Promise<Dispatcher> {
  const options = config.createDispatcherOptions(config.getCurrentCluster(), tls);
  if (options.type === 'proxy' || options.type === 'socks') {
    // A proxy on the way is a matter of command lines: client-node's own dispatcher knows all its
    // forms.
    const context = new RequestContext('http://localhost/', 'GET');
    await config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    if (dispatcher !== undefined) return dispatcher;
  }
  return new Pool(origin, {
    // HTTP/1.1: one silent HTTP/2 connection would hold every call and every watch at once.
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

/** Lets calls under way end, and those that took the dispatcher a moment ago begin. */
function retire(dispatcher: Dispatcher): void {
  setTimeout(() => {
    dispatcher.close().catch(() => undefined);
  }, retireAfterMs).unref();
}
