import type { AgentOptions, RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { textAt } from '../kubernetes/raw-object.ts';
import { clientConfig } from './client-config.ts';
import { makeDispatcher } from './dispatcher.ts';
import { type Headers, impersonationHeaders } from './impersonation.ts';
import { type ClusterSource, readTarget, type Target } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { createTokenReader } from './token.ts';

/** What a call needs: the address, the credentials and the connections. */
export interface Access {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The prefix of every path in the server's URL, or an empty text. */
  readonly basePath: string;
  readonly headers: Headers;
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
 * Reads the kubeconfig files (see {@link readTarget}). Throws an Error with one sentence if they
 * name no usable cluster. `connections` is the most connections at once.
 */
export function loadCredentials(source: ClusterSource, now: () => number, connections: number): Credentials {
  const token = createTokenReader();
  let login = openLogin(source);
  let material: Material | undefined;
  let access: Access | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Access> | undefined;

  async function read(): Promise<Access> {
    readAt = now();
    const { target, server, proxy, config } = login;
    const options = await authenticate(login);
    const next = { server: server.href, tls: tlsOf(options), proxy };
    const previous = access;
    const keeps = previous !== undefined && isDeepStrictEqual(next, material);
    const bearer = isSecure(server) ? token.read(target.user) : undefined;
    const headers = { ...headersOf(options, bearer), ...impersonationHeaders(target.user) };
    if (keeps && isDeepStrictEqual(headers, previous.headers)) return previous;
    const dispatcher = keeps ? previous.dispatcher : await makeDispatcher(server, next, config, connections);
    access = { origin: server.origin, basePath: server.pathname.replace(/\/$/u, ''), headers, dispatcher };
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
        // The files may name another server, user or plugin by now. A new KubeConfig is needed as
        // well, because the old one keeps what a plugin printed.
        login = openLogin(source);
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
  readonly proxy: string | undefined;
}

/** client-go and client-node re-read token files at the same interval. */
const maxAgeMs = 60_000;
/** Refused credentials are read again at most this often, however many calls are refused. */
const renewEveryMs = 1_000;
/** Longer than the time between taking an Access and sending with it. */
const retireAfterMs = 1_000;

/** A target with what follows from it. Made again when the API server refuses the credentials. */
interface Login {
  readonly target: Target;
  readonly server: URL;
  readonly proxy: string | undefined;
  readonly config: KubeConfig;
}

function openLogin(source: ClusterSource): Login {
  const target = readTarget(source);
  const server = new URL(textAt(target.cluster, 'server') ?? '');
  const { variables } = source;
  const named = textAt(target.cluster, 'proxy-url');
  const proxy = named ?? (variables === undefined ? undefined : proxyFor(server, variables));
  return { target, server, proxy, config: clientConfig(target, proxy) };
}

/** As in kubectl, a password, a token or a certificate is never sent without TLS. */
function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:';
}

/** Reads certificates, and asks the exec plugin or the auth provider if there is one. */
async function authenticate({ config, target }: Login): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (error) {
    const command = textAt(target.user, 'exec', 'command');
    if (command === undefined) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = textAt(target.user, 'exec', 'installHint');
    const said = code === 'ENOENT' ? `not found${hint === undefined ? '' : `: ${hint}`}` : message;
    throw new Error(`exec plugin ${command}: ${said}`);
  }
}

function headersOf(options: RequestOptions, bearer: string | undefined): Headers {
  // The API server's audit log shows this name, for watches too.
  const headers: Record<string, string> = { 'User-Agent': 'ringfence' };
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim();
  if (bearer !== undefined) headers['Authorization'] = `Bearer ${bearer}`;
  return headers;
}

function tlsOf(options: RequestOptions & { readonly servername?: string | undefined }): AgentOptions {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const all = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Lets running calls finish. Calls that took the dispatcher a moment ago can still begin. */
function retire(dispatcher: Dispatcher): void {
  setTimeout(() => {
    dispatcher.close().catch(() => undefined);
  }, retireAfterMs).unref();
}
