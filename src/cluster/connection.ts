import type { CallLimits } from '../retry/limits.ts';
import { ApiError, errorCode, errorOfFailure } from './api-error.ts';
import { type Access, loadCredentials } from './credentials.ts';
import { Deadline } from './deadline.ts';
import { exchange, type Query, type Receiver, TextCollector } from './exchange.ts';
import { readWarnings } from './warning.ts';
import { type WatchRequest, watch } from './watch.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions extends CallLimits {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` by default; PATCH needs its own. */
  readonly contentType?: string;
  /**
   * `application/json` by default; another representation of meta/v1 (PartialObjectMetadata) by its
   * media type.
   */
  readonly accept?: string;
  /**
   * Whether sending it twice does no harm: a call lost with its connection is then sent once more.
   * GET always is.
   */
  readonly repeatable?: boolean;
  /** Told of each warning that comes with a good answer: admission's, for the person who asked. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The API server: raw JSON in, raw JSON out, over shared connections. It decides nothing. */
export interface Cluster {
  /**
   * Throws an ApiError for any answer but a 2xx, and for none. The shape of T is the API's promise;
   * nothing is validated.
   */
  request<T>(method: Method, path: string, options?: CallOptions): Promise<T>;
  watch(request: WatchRequest): Promise<void>;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/**
 * Connects to the cluster of a kubeconfig file, or of the surroundings (see `loadCredentials`). No
 * call is made yet.
 */
export function connect(
  options: { readonly kubeconfig?: string | undefined; readonly now?: () => number } = {},
): Cluster {
  const credentials = loadCredentials(options.kubeconfig, options.now ?? (() => performance.now()));

  async function request<T>(method: Method, path: string, call: CallOptions = {}): Promise<T> {
    const name = `${method} ${path}`;
    const deadline = new Deadline(call.timeoutMs ?? defaultTimeoutMs, call.signal);
    const attempt = (access: Access): Promise<T> => send<T>(access, name, method, path, call, deadline);
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

/** Webhooks here answer within 5 s: a call that takes longer is of use to nobody. */
const defaultTimeoutMs = 5_000;

async function send<T>(
  access: Access,
  name: string,
  method: Method,
  path: string,
  call: CallOptions,
  deadline: Deadline,
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
  const text = new TextCollector(name);
  const receiver: Receiver = {
    onHead(headers) {
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
 * 401, or a handshake that failed: nothing has been done yet, so even a POST may be sent again with
 * new credentials.
 */
function isRefusedCredential(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 401;
  const code = errorCode(error);
  return code !== undefined && /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/u.test(code);
}

/**
 * A connection that ended under the call: most often one that the API server closed while the call
 * was on its way.
 */
function isLostConnection(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
