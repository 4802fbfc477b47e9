import { ApiError, errorOfFailure, errorOfStatus } from './api-error.ts';
import type { Access, Credentials } from './credentials.ts';
import { Deadline } from './deadline.ts';
import { exchange, TextCollector } from './exchange.ts';

/** One watch of a collection, starting at a resourceVersion. */
export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
  /** Milliseconds without any input after which the connection counts as dead. */
  readonly silenceMs: number;
  /** Ends the watch; the promise then resolves. */
  readonly signal: AbortSignal;
  /** Called when the API server has answered 200. */
  onOpen(): void;
  /** `type` is ADDED, MODIFIED, DELETED or BOOKMARK; `object` the raw JSON. Must not throw. */
  onEvent(type: string, object: unknown): void;
}

/**
 * Watches until the API server ends the stream (resolves) or an error occurs. Throws an ApiError
 * with one of these codes: the HTTP status, with Retry-After if the API server sent one; the code
 * of an ERROR event such as 410; code 0 with the reason Timeout for a silent connection, or
 * AnswerTooLarge for an event of more than 32 MiB.
 */
export async function watch(credentials: Credentials, request: WatchRequest): Promise<void> {
  const call = `WATCH ${request.path}`;
  const silence = new Deadline(request.silenceMs, request.signal, 'nothing');
  try {
    const access = await credentials.current();
    try {
      await follow(access, request, call, silence);
    } catch (error) {
      if (error instanceof ApiError && error.code === 401) await credentials.renew(access);
      throw error;
    }
  } catch (error) {
    if (!request.signal.aborted) throw errorOfFailure(call, error);
  } finally {
    silence.clear();
  }
}

async function follow(access: Access, request: WatchRequest, call: string, silence: Deadline): Promise<void> {
  const line = new TextCollector(call);
  const take = (): void => {
    // Lines that arrived together with the end are skipped. The next watch starts at the last
    // version taken and receives them again.
    if (silence.reason !== undefined) return;
    const event = readEvent(line.take());
    if (event?.type === 'ERROR') throw errorOfStatus(call, event.object);
    if (event !== undefined) request.onEvent(event.type, event.object);
  };
  const message = {
    call,
    method: 'GET',
    path: request.path,
    query: { watch: true, ...request.query },
    headers: { accept: 'application/json' },
  };
  const receiver = {
    onHead() {
      silence.refresh();
      request.onOpen();
    },
    onData(chunk: Buffer) {
      silence.refresh();
      let from = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
        line.add(chunk.subarray(from, end));
        take();
        from = end + 1;
      }
      line.add(chunk.subarray(from));
    },
  };
  await exchange(access, message, receiver, silence);
  take();
}

const newline = 0x0a;

/** A meta/v1 WatchEvent. Any other text is skipped, because the next list finds the change. */
function readEvent(text: string): { readonly type: string; readonly object: unknown } | undefined {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string')
      return undefined;
    return { type: event.type, object: 'object' in event ? event.object : undefined };
  } catch {
    return undefined;
  }
}
