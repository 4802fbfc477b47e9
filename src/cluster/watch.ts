import { Watch } from '@kubernetes/client-node';
import { ApiError, errorOfFailure, errorOfStatus } from './api-error.ts';
import type { Credentials } from './credentials.ts';

/** One watch of a collection, from a resourceVersion on. */
export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly silenceMs: number;
  /** Ends the watch; the promise then resolves. */
  readonly signal: AbortSignal;
  /** The API server answered 200. */
  onOpen(): void;
  /** `type` is ADDED, MODIFIED, DELETED or BOOKMARK; `object` the raw JSON. Must not throw. */
  onEvent(type: string, object: unknown): void;
}

/**
 * Watches until the API server ends the stream (resolves) or something breaks (throws an ApiError: the HTTP status, the
 * code of an ERROR event such as 410, or 0 with reason Timeout for a silent connection).
 */
export async function watch(credentials: Credentials, request: WatchRequest): Promise<void> {
  const call = `WATCH ${request.path}`;
  const access = await credentials.current();
  try {
    await follow(credentials, request, call);
  } catch (error) {
    const failure = errorOfFailure(call, withStatus(call, error));
    if (failure.code === 401) await credentials.renew(access);
    throw failure;
  }
}

async function follow(credentials: Credentials, request: WatchRequest, call: string): Promise<void> {
  if (request.signal.aborted) return;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const watcher = new Watch(credentials.kubeConfig());
  // client-node keeps its inactivity limit private; the bracket is TypeScript's door to it, and the test of a silent connection guards it.
  watcher['requestTimeoutMs'] = request.silenceMs;
  // Lines that client-node had buffered may arrive after the end: they come again in the next watch, from the last version taken.
  let over = false;
  const onEvent = (type: string, object: unknown): void => {
    if (over) return;
    if (type === 'ERROR') reject(errorOfStatus(call, object));
    else request.onEvent(type, object);
  };
  const onEnd = (error: unknown): void => {
    if (error === null || error === undefined) resolve();
    else reject(error);
  };
  const onAbort = (): void => resolve();
  request.signal.addEventListener('abort', onAbort, { once: true });
  const opening = watcher.watch(request.path, request.query, onEvent, onEnd);
  opening.then((controller) => {
    if (over) controller.abort();
    // After a refusal the controller is aborted already, and `ended` says why.
    else if (!controller.signal.aborted) request.onOpen();
  }, reject);
  try {
    await ended;
  } finally {
    over = true;
    request.signal.removeEventListener('abort', onAbort);
    opening.then(
      (controller) => controller.abort(),
      () => undefined,
    );
  }
}

/** client-node's Watch throws an Error with `statusCode` for any answer but 200, and has thrown its body away. */
function withStatus(call: string, error: unknown): unknown {
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return new ApiError(`${call}: ${error.statusCode} ${error.message}`, { code: error.statusCode });
  return error;
}
