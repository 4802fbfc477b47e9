import { TimeLimit } from '../retry/time-limit.ts';

/**
 * Ends a call when its time is up, or when the outer signal aborts. (AbortSignal.timeout and
 * AbortSignal.any live until the time is up, long after the end of nearly every call, and cost as
 * much as the call.)
 */
export class Deadline {
  readonly #outer: AbortSignal | undefined;
  readonly #limit: TimeLimit;
  readonly #follow: () => void;
  #reason: Error | undefined;
  #tell: ((reason: Error) => void) | undefined;

  /**
   * @param ms milliseconds until the time is up
   * @param what has not come in this time, for people
   */
  constructor(ms: number, outer: AbortSignal | undefined, what = 'no answer') {
    this.#outer = outer;
    this.#follow = () => this.#end(asError(outer?.reason));
    this.#limit = new TimeLimit(ms, () => this.#end(timeoutError(ms, what)));
    if (outer?.aborted === true) this.#follow();
    else outer?.addEventListener('abort', this.#follow, { once: true });
  }

  /** Why it has ended: a TimeoutError, or the reason of the outer signal. Undefined before that. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Calls `tell` once when the deadline ends. A second `onEnd` replaces the first `tell`. */
  onEnd(tell: (reason: Error) => void): void {
    this.#tell = tell;
  }

  /** Starts the full time again. */
  refresh(): void {
    if (this.#reason === undefined) this.#limit.refresh();
  }

  /** Releases the timer and the signal. */
  clear(): void {
    this.#limit.clear();
    this.#outer?.removeEventListener('abort', this.#follow);
    this.#tell = undefined;
  }

  #end(reason: Error): void {
    const tell = this.#tell;
    this.#reason = reason;
    this.clear();
    tell?.(reason);
  }
}

function timeoutError(ms: number, what: string): Error {
  return new DOMException(`${what} from the API server within ${ms / 1000} s`, 'TimeoutError');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
