/**
 * `type`: another content type. `size`: too large, or too many values. `json`: not JSON. `client`:
 * a client without the required certificate. `busy`: no room at the moment.
 */
export type RefusalReason = 'type' | 'size' | 'json' | 'client' | 'busy';

/** Why a request is not treated as a review. The message is a sentence for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  /** The status of the HTTP answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, status: number, sentence: string, headers: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.reason = reason;
    this.status = status;
    this.headers = headers;
  }
}

/** The server does not wait for the rest of the body, so the connection ends with the answer. */
const closing = { connection: 'close' } as const;

export const wrongType = new Refusal('type', 415, 'the content type of a review is application/json', closing);

export const barredClient = (sentence: string): Refusal => new Refusal('client', 403, sentence, closing);

export const tooLarge = (limit: number): Refusal =>
  new Refusal('size', 413, `a body has at most ${limit} bytes`, closing);

/** No API object has so many values, because it would exceed etcd's request limit. */
export const tooManyValues = new Refusal('size', 413, 'the body holds too many values');

/**
 * The API server's client retries after this many seconds, on the same connection, within the
 * webhook's timeout (client-go's WithRetry).
 */
export const tooBusy = new Refusal('busy', 429, 'too many large bodies at once; try again', { 'retry-after': '1' });
