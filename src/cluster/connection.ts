import type { Dispatcher } from 'undici';
import { ApiError, errorCode, errorOfAnswer, errorOfFailure } from './api-error.ts';
import { type Access, loadCredentials } from './credentials.ts';
import { readWarnings } from './warning.ts';
import { type WatchRequest, watch } from './watch.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` by default; PATCH needs its own. */
  readonly contentType?: string;
  /** `application/json` by default; another representation of meta/v1 (PartialObjectMetadata) by its media type. */
  readonly accept?: string;
  /** Milliseconds for the whole call, a second attempt included. 5,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether sending it twice does no harm: a call lost with its connection is then sent once more. GET always is. */
  readonly repeatable?: boolean;
  /** Told of each warning that comes with a good answer: admission's, for the person who asked. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The API server: raw JSON in, raw JSON out, over shared connections. It decides nothing. */
export interface Cluster {
  /** Throws an ApiError for any answer but a 2xx, and for none. The shape of T is the API's promise; nothing is validated. */
  request<T>(method: Method, path: string, options?: CallOptions): Promise<T>;
  watch(request: WatchRequest): Promise<void>;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Connects to the cluster of a kubeconfig file, or of the surroundings (see `loadCredentials`). No call is made yet. */
export function connect(
  options: { readonly kubeconfig?: string | undefined; readonly now?: () => number } = {},
): Cluster {
  const credentials = loadCredentials(options.kubeconfig, options.now ?? (() => performance.now()));

  async function request<T>(method: Method, path: string, call: CallOptions = {}): Promise<T> {
    const name = `${method} ${path}`;
    const deadline = setDeadline(call.timeoutMs ?? defaultTimeoutMs, call.signal);
    const attempt = (access: Access): Promise<T> => send<T>(access, name, method, path, call, deadline.signal);
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
      deadline.end();
    }
  }

  return { request, watch: (watchRequest) => watch(credentials, watchRequest), close: () => credentials.close() };
}

/** Webhooks here answer within 5 s: a call that takes longer is of use to nobody. */
const defaultTimeoutMs = 5_000;

/**
 * Aborts a call when its time is up, or its caller ends it. (AbortSignal.timeout and AbortSignal.any live until the time is up, long after
 * nearly every call, and cost as much as the call.)
 */
function setDeadline(ms: number, outer: AbortSignal | undefined): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  const follow = () => controller.abort(outer?.reason);
  const timer = setTimeout(expire, ms).unref();
  if (outer?.aborted === true) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

async function send<T>(
  access: Access,
  name: string,
  method: Method,
  path: string,
  call: CallOptions,
  signal: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = {
    accept: call.accept ?? 'application/json',
    ...access.headers,
  };
  if (call.body !== undefined) headers['content-type'] = call.contentType ?? 'application/json';
  const answer: Dispatcher.ResponseData = await access.dispatcher.request({
    origin: access.origin,
    path: `${access.basePath}${path}${queryText(call.query)}`,
    method,
    headers,
    body: call.body === undefined ? null : JSON.stringify(call.body),
    signal,
  });
  // Read whatever the status is: a body left unread holds its connection.
  const text = await answer.body.text();
  if (answer.statusCode < 200 || answer.statusCode > 299) {
    const retryAfter = answer.headers['retry-after'];
    throw errorOfAnswer(name, answer.statusCode, text, typeof retryAfter === 'string' ? retryAfter : undefined);
  }
  if (call.onWarning !== undefined) for (const warning of readWarnings(answer.headers.warning)) call.onWarning(warning);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(`${name}: the answer is not JSON`);
  }
}

function queryText(query: CallOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** 401, or a handshake that failed: nothing has been done yet, so even a POST may be sent again with new credentials. */
function isRefusedCredential(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 401;
  const code = errorCode(error);
  return code !== undefined && /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/u.test(code);
}

/** A connection that ended under the call: most often one that the API server closed while the call was on its way. */
function isLostConnection(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
