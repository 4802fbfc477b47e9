/**
 * Ends a call when its time is up, or when the outer signal aborts. (AbortSignal.timeout and
 * AbortSignal.any live until the time is up, long after nearly every call, and cost as much as the
 * call.)
 */
export class Deadline {
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #follow: () => void;
  #reason: Error | undefined;
  #tell: ((reason: Error) => void) | undefined;

  /** @param ms until the time is up, in milliseconds */
  constructor(ms: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    this.#follow = () => this.#end(asError(outer?.reason));
    this.#timer = setTimeout(() => this.#end(timeoutError()), ms).unref();
    if (outer?.aborted === true) this.#follow();
    else outer?.addEventListener('abort', this.#follow, { once: true });
  }

  /** Why it has ended: a TimeoutError, or the signal's reason. Undefined as long as it has not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Calls `tell` once when it ends. A second call replaces the first. */
  onEnd(tell: (reason: Error) => void): void {
    this.#tell = tell;
  }

  /** Gives the whole time once more. */
  refresh(): void {
    if (this.#reason === undefined) this.#timer.refresh();
  }

  /** Lets go of timer and signal. */
  clear(): void {
    clearTimeout(this.#timer);
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

function timeoutError(): Error {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
