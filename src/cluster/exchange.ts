import type { Dispatcher } from 'undici';
import { ApiError, errorOfAnswer } from './api-error.ts';
import type { Access } from './credentials.ts';
import type { Deadline } from './deadline.ts';

/**
 * One HTTP request without the origin, the base path and the credentials, which come from the
 * access.
 */
export interface Message {
  /** The name of the call in errors: `GET /api/v1/pods`. */
  readonly call: string;
  readonly method: string;
  readonly path: string;
  readonly query?: Query | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Parameters with the value undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Receives a successful answer (2xx) as it arrives. If it throws, the exchange ends and rejects
 * with that error.
 */
export interface Receiver {
  onHead(headers: AnswerHeaders): void;
  onData(chunk: Buffer): void;
}

/** Header fields by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Sends a message and passes its answer to the receiver. Resolves at the end of the answer. Rejects
 * with an ApiError for any status but a 2xx, with undici's error for a failed connection, and with
 * the deadline's reason.
 *
 * It uses undici's `dispatch` instead of `request`, which would make a stream for the body and need
 * an AbortController for the deadline.
 */
export function exchange(access: Access, message: Message, receiver: Receiver, deadline: Deadline): Promise<void> {
  const { call, method, path, query, headers, body = null } = message;
  return new Promise((resolve, reject) => {
    if (deadline.reason !== undefined) throw deadline.reason;
    let controller: Dispatcher.DispatchController | undefined;
    let refusal: { readonly status: number; readonly retryAfter: unknown; readonly body: TextCollector } | undefined;
    deadline.onEnd((reason) => {
      reject(reason);
      controller?.abort(reason);
    });
    access.dispatcher.dispatch(
      {
        origin: access.origin,
        path: `${access.basePath}${path}${queryText(query)}`,
        method,
        headers: { ...headers, ...access.headers },
        body,
        // The deadline is the only timer.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart(started) {
          controller = started;
          // The request waited too long for a connection.
          if (deadline.reason !== undefined) started.abort(deadline.reason);
        },
        onResponseStart(_, status, found) {
          if (status < 200) return;
          if (status <= 299) receiver.onHead(found);
          else refusal = { status, retryAfter: found['retry-after'], body: new TextCollector(call) };
        },
        onResponseData(_, chunk) {
          if (refusal === undefined) receiver.onData(chunk);
          else refusal.body.add(chunk);
        },
        onResponseEnd() {
          if (refusal === undefined) return resolve();
          const { status, retryAfter, body: text } = refusal;
          reject(errorOfAnswer(call, status, text.take(), typeof retryAfter === 'string' ? retryAfter : undefined));
        },
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

function queryText(query: Query | undefined): string {
  if (query === undefined) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** Joins the pieces of a text, up to a limit. */
export class TextCollector {
  readonly #call: string;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param call the name of the call in the error */
  constructor(call: string, maxBytes = maxTextBytes) {
    this.#call = call;
    this.#maxBytes = maxBytes;
  }

  /** Throws an ApiError with the reason AnswerTooLarge if the text exceeds the limit. */
  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      const limit = `${Math.floor(this.#maxBytes / 1024 / 1024)} MiB`;
      throw new ApiError(`${this.#call}: the answer is larger than ${limit}`, { reason: 'AnswerTooLarge' });
    }
    this.#chunks.push(chunk);
  }

  /** The text so far (UTF-8). The next text begins empty. */
  take(): string {
    const [first, ...others] = this.#chunks;
    const text = others.length === 0 ? first?.toString() : Buffer.concat(this.#chunks).toString();
    this.#chunks = [];
    this.#bytes = 0;
    return text ?? '';
  }
}

/**
 * The limit for one answer, or one event of a watch. An object may be 1.5 MiB in etcd, and several
 * times as much in JSON.
 */
const maxTextBytes = 32 * 1024 * 1024;
