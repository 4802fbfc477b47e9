/**
 * Another content type, too large or of too many values, not JSON, a client without the certificate
 * asked for, or no room just now.
 */
export type RefusalReason = 'type' | 'size' | 'json' | 'client' | 'busy';

/** Why a request is not looked at as a review. The message is a sentence for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  /** Of the HTTP answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, status: number, sentence: string, headers: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.reason = reason;
    this.status = status;
    this.headers = headers;
  }
}

/** The server does not wait for the rest of the body: the connection ends with the answer. */
const closing = { connection: 'close' } as const;

export const wrongType = new Refusal('type', 415, 'the content type of a review is application/json', closing);

export const barredClient = (sentence: string): Refusal => new Refusal('client', 403, sentence, closing);

export const tooLarge = (limit: number): Refusal =>
  new Refusal('size', 413, `a body has at most ${limit} bytes`, closing);

/** No object of the API has so many values: etcd's request limit ends before. */
export const tooManyValues = new Refusal('size', 413, 'the body holds too many values');

/**
 * The API server's client comes again after so many seconds, on the same connection, within the
 * webhook's timeout (client-go's WithRetry).
 */
export const tooBusy = new Refusal('busy', 429, 'too many large bodies at once; try again', { 'retry-after': '1' });
