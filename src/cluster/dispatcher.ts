import type { AgentOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { type KubeConfig, RequestContext } from '@kubernetes/client-node';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';

/**
 * Makes the connections to a server, through its proxy if it has one. `connections` is the most at
 * once.
 */
export async function makeDispatcher(
  server: URL,
  { tls, proxy }: { readonly tls: AgentOptions; readonly proxy: string | undefined },
  config: KubeConfig,
  connections: number,
): Promise<Dispatcher> {
  const limits = {
    // With HTTP/2, one silent connection would block every call and every watch at once.
    allowH2: false,
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
  };
  const connect = {
    ...(tls as ConnectionOptions),
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: probeAfterMs,
  } as NonNullable<Pool.Options['connect']>;
  if (proxy === undefined) return new Pool(server.origin, { ...limits, connect });
  if (/^socks/iu.test(proxy)) return socksDispatcher(config);
  const requestTls = tls as NonNullable<ProxyAgent.Options['requestTls']>;
  // Like Go, which uses the same authority for the proxy and the server.
  const { ca, rejectUnauthorized } = tls as ConnectionOptions;
  const proxyTls = Object.fromEntries(
    Object.entries({ ca, rejectUnauthorized }).filter(([, one]) => one !== undefined),
  );
  return new ProxyAgent({ ...limits, uri: proxy, requestTls, proxyTls, connectTimeout: connectTimeoutMs });
}

/** client-node knows every version of SOCKS. */
async function socksDispatcher(config: KubeConfig): Promise<Dispatcher> {
  const context = new RequestContext('http://localhost/', 'GET');
  await config.applySecurityAuthentication(context);
  const dispatcher = context.getDispatcher();
  if (dispatcher === undefined) throw new Error('the client made no connection through the SOCKS proxy');
  return dispatcher;
}

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
