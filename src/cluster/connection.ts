import type { CallLimits } from '../retry/limits.ts';
import { ApiError, errorCode, errorOfFailure } from './api-error.ts';
import { type Access, loadCredentials } from './credentials.ts';
import { Deadline } from './deadline.ts';
import { exchange, type Query, type Receiver, TextCollector } from './exchange.ts';
import type { ClusterSource } from './kubeconfig.ts';
import type { ServerClock } from './server-clock.ts';
import { type WatchRequest, watch } from './watch.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions extends CallLimits {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The default is `application/json`. PATCH needs its own type. */
  readonly contentType?: string;
  /**
   * The default is `application/json`. Another representation of meta/v1 (PartialObjectMetadata) is
   * requested by its media type.
   */
  readonly accept?: string;
  /** The most bytes of an answer (ApiError AnswerTooLarge). The default is 32 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * Whether the call may be sent twice without harm. If its connection is lost, it is then sent
   * once more. GET is always repeatable.
   */
  readonly repeatable?: boolean;
  /**
   * Called for each warning that comes with a successful answer. These are warnings of admission
   * for the user.
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The API server: raw JSON in, raw JSON out, over shared connections. It decides nothing. */
export interface Cluster {
  /**
   * Throws an ApiError for any answer but a 2xx, and if there is no answer. The API guarantees the
   * shape of T; nothing is validated.
   */
  request<T>(method: Method, path: string, options?: CallOptions): Promise<T>;
  watch(request: WatchRequest): Promise<void>;
  /** Closes every connection at once. */
  close(): Promise<void>;
}

export interface ConnectOptions extends ClusterSource {
  readonly now?: () => number;
  /** The most connections. A call that finds none free waits for one. */
  readonly connections?: number;
  /** Told the time of each successful call. */
  readonly clock?: Pick<ServerClock, 'heard'> | undefined;
}

/** Connects to the cluster that the options choose (see `readTarget`). It makes no call yet. */
export function connect(options: ConnectOptions = {}): Cluster {
  const { now = () => performance.now(), connections = defaultConnections, clock, ...source } = options;
  const credentials = loadCredentials(source, now, connections);

  async function request<T>(method: Method, path: string, call: CallOptions = {}): Promise<T> {
    const name = `${method} ${path}`;
    const deadline = new Deadline(call.timeoutMs ?? defaultTimeoutMs, call.signal);
    const attempt = (access: Access): Promise<T> => send<T>(access, { name, method, path, call, deadline, clock });
    try {
      const access = await credentials.current();
      try {
        return await attempt(access);
      } catch (error) {
        if (isRefusedCredential(error)) {
          const renewed = await credentials.renew(access);
          if (renewed !== access) return await attempt(renewed);
        } else if (isLostConnection(error) && (call.repeatable ?? method === 'GET')) return await attempt(access);
        throw error;
      }
    } catch (error) {
      throw errorOfFailure(name, error);
    } finally {
      deadline.clear();
    }
  }

  return { request, watch: (watchRequest) => watch(credentials, watchRequest), close: () => credentials.close() };
}

/**
 * Each connection carries one call. The number is far above the reconciler's 8 and the watches, and
 * far below the API server's 400 calls in flight.
 */
const defaultConnections = 64;

/** Webhooks here answer within 5 s, so a longer call is useless. */
const defaultTimeoutMs = 5_000;

async function send<T>(
  access: Access,
  {
    name,
    method,
    path,
    call,
    deadline,
    clock,
  }: {
    readonly name: string;
    readonly method: Method;
    readonly path: string;
    readonly call: CallOptions;
    readonly deadline: Deadline;
    readonly clock: ConnectOptions['clock'];
  },
): Promise<T> {
  const { query, onWarning } = call;
  const accept = call.accept ?? 'application/json';
  const sent =
    call.body === undefined
      ? { headers: { accept } }
      : {
          headers: { accept, 'content-type': call.contentType ?? 'application/json' },
          body: JSON.stringify(call.body),
        };
  const text = new TextCollector(name, call.maxBytes);
  const receiver: Receiver = {
    onHead(headers) {
      clock?.heard(headers['date']);
      if (onWarning !== undefined) for (const warning of readWarnings(headers['warning'])) onWarning(warning);
    },
    onData: (chunk) => text.add(chunk),
  };
  await exchange(access, { call: name, method, path, query, ...sent }, receiver, deadline);
  try {
    return JSON.parse(text.take()) as T;
  } catch {
    throw new ApiError(`${name}: the answer is not JSON`);
  }
}

/**
 * A 401 or a failed handshake: the API server has done nothing yet, so even a POST may be sent
 * again with new credentials.
 */
function isRefusedCredential(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 401;
  const code = errorCode(error);
  return code !== undefined && /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/u.test(code);
}

/**
 * The connection ended during the call. Usually the API server closed it while the call was on its
 * way.
 */
function isLostConnection(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * Reads the texts of the `Warning` headers (RFC 7234, 5.5) of an answer. The API server sends one
 * header for each warning, in the form `299 - "text"` with quotes and backslashes escaped.
 */
export function readWarnings(header: string | readonly string[] | undefined): readonly string[] {
  return [header ?? []]
    .flat()
    .flatMap((value) => [...value.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/gsu)])
    .map(([, text = '']) => text.replaceAll(/\\(.)/gsu, '$1'));
}
