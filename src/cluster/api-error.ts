import { isObject, textAt } from '../kubernetes/raw-object.ts';

/**
 * A call that the API server refused or did not answer. The message is one short line for a log
 * that names the call. It never holds headers or bodies. Code outside this room recognises it by
 * `code` and `reason`.
 */
export class ApiError extends Error {
  /**
   * The HTTP status. It is 0 if there was no usable answer (a network failure, a timeout, or an
   * answer that is not the API's).
   */
  readonly code: number;
  /**
   * meta/v1 Status.reason ("NotFound", "AlreadyExists", "Conflict", "Expired"). With code 0 it is
   * "Timeout", "AnswerTooLarge", "Busy" (see `limitCalls`) or "".
   */
  readonly reason: string;
  /** Seconds that the API server asks to wait (Retry-After of a 429 or 503), or undefined. */
  readonly retryAfterSeconds: number | undefined;
  /**
   * The whole meta/v1 Status.message with its line breaks, for a person to read. Empty if there was
   * no Status.
   */
  readonly statusMessage: string;
  /**
   * The token with which a list goes on although its history has expired (meta/v1 Status.metadata
   * .continue of a 410), or undefined.
   */
  readonly continueToken: string | undefined;

  constructor(message: string, facts: ApiErrorFacts = {}) {
    super(oneLine(message), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'ApiError';
    this.code = facts.code ?? 0;
    this.reason = facts.reason ?? '';
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.statusMessage = facts.statusMessage ?? '';
    this.continueToken = facts.continueToken;
  }
}

export interface ApiErrorFacts {
  readonly code?: number;
  readonly reason?: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly statusMessage?: string;
  readonly continueToken?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The error of an answer without a 2xx status. `body` is its text: a meta/v1 Status, or the text of
 * a proxy.
 */
export function errorOfAnswer(call: string, code: number, body: string, retryAfter?: string): ApiError {
  const status = readStatus(body);
  const seconds = Number(retryAfter);
  return new ApiError(`${call}: ${[code, status.reason, status.message].filter((part) => part !== '').join(' ')}`, {
    code,
    reason: status.reason,
    // Retry-After may also be a date, but the API server sends seconds.
    retryAfterSeconds: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
    statusMessage: status.isStatus ? status.message.slice(0, statusLimit) : '',
    continueToken: status.continueToken,
  });
}

/** Several screens of text, which is more than any admission webhook says. */
const statusLimit = 32_768;

/** The error from an object that a watch sends instead of an event: a meta/v1 Status. */
export function errorOfStatus(call: string, status: unknown): ApiError {
  const code = isObject(status) && typeof status['code'] === 'number' ? status['code'] : 0;
  return errorOfAnswer(call, code, JSON.stringify(status ?? null));
}

/** The error of a call without an answer. An ApiError is returned unchanged. */
export function errorOfFailure(call: string, failure: unknown): ApiError {
  if (failure instanceof ApiError) return failure;
  const code = errorCode(failure);
  const reason = failure instanceof Error && failure.name === 'TimeoutError' ? 'Timeout' : '';
  const root = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  const text = root instanceof Error ? root.message || root.name : String(root);
  return new ApiError(`${call}: ${[code, text].filter((part) => part !== undefined && part !== '').join(' ')}`, {
    reason,
    cause: failure,
  });
}

/**
 * The error code of the system, TLS or undici. It is searched in the error and its causes, because
 * fetch puts it one level down.
 */
export function errorCode(failure: unknown): string | undefined {
  let error = failure;
  // fetch makes two levels (a TypeError and its cause). The cap ends a circle of causes.
  for (let depth = 0; depth < 4 && error instanceof Error; depth += 1) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    error = error.cause;
  }
  return undefined;
}

/**
 * The result of the call. Undefined if the API says that the object does not exist. A 404 without
 * the reason NotFound remains an error: it comes from a route or a proxy, and does not show that
 * the object is missing.
 */
export async function unlessNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404 && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

interface ReadStatus {
  readonly isStatus: boolean;
  readonly reason: string;
  readonly message: string;
  readonly continueToken?: string | undefined;
}

function readStatus(body: string): ReadStatus {
  try {
    const status: unknown = JSON.parse(body);
    if (isObject(status) && status['kind'] === 'Status') {
      const { reason, message } = status;
      return {
        isStatus: true,
        reason: typeof reason === 'string' ? reason : '',
        message: typeof message === 'string' ? message : '',
        continueToken: textAt(status, 'metadata', 'continue'),
      };
    }
  } catch {
    // The text is not JSON: it is the plain text of a mux or a proxy.
  }
  return { isStatus: false, reason: '', message: body };
}

function oneLine(text: string): string {
  // Long enough for a Status message with two long names, short enough for a log line.
  const limit = 400;
  const line = text
    .slice(0, 4 * limit)
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
