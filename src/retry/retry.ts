import { askedPauseMs } from './answer.ts';
import { type Clock, systemClock } from './clock.ts';

export interface RetryOptions {
  /** The pause after the first failure, in milliseconds. It doubles with each failure in a row. */
  readonly firstMs: number;
  /** The longest pause, in milliseconds. */
  readonly longestMs: number;
  /** Ends the attempts and the pauses between them. */
  readonly signal: AbortSignal;
  /** The number of attempts in all. Undefined means no limit. */
  readonly attempts?: number;
  /** Whether an error may go away by itself. By default every error may. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Called for each failure that is followed by a pause, before the pause. */
  readonly onFailure?: (error: unknown, facts: Failure) => void;
  readonly clock?: Pick<Clock, 'sleep'>;
}

/** A failure in a series of failures. */
export interface Failure {
  /** 1 for the first. */
  readonly failures: number;
  /** The pause that follows, in milliseconds. */
  readonly delayMs: number;
}

/**
 * Repeats a call until it succeeds, and resolves to its answer. Each pause is partly random, so
 * that replicas that failed together do not retry together. No pause is shorter than the API server
 * asks for (Retry-After). Rejects with the signal's reason when the signal is aborted, and with the
 * call's error after the last attempt.
 */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, attempts = Number.POSITIVE_INFINITY, isPassing = () => true, clock = systemClock } = options;
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (failures >= attempts || !isPassing(error)) throw error;
      const delayMs = Math.max(askedPauseMs(error), pauseMs(failures, options));
      options.onFailure?.(error, { failures, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
}

export interface RepeatOptions extends Pick<RetryOptions, 'signal' | 'clock'> {
  /**
   * Milliseconds from one call's end to the next, ±10 %. Also the pause after the first failure.
   */
  readonly everyMs: number;
  /** The longest pause after failures in a row. The default is `everyMs`. */
  readonly longestMs?: number;
}

/**
 * Repeats a call until the signal is aborted, and then resolves. The first call comes after a
 * pause. Failures are retried.
 */
export async function repeat(call: () => Promise<void>, options: RepeatOptions): Promise<void> {
  const { everyMs, longestMs = everyMs, signal, clock = systemClock } = options;
  while (!signal.aborted) {
    await clock.sleep(everyMs * (0.9 + 0.2 * Math.random()), signal);
    if (signal.aborted) return;
    try {
      await retry(call, { firstMs: everyMs, longestMs, signal, clock });
    } catch {
      // The only error that ends the retries is the signal's reason.
    }
  }
}

/** The first pause is up to twice as long, and the longest up to a third longer. */
function pauseMs(failures: number, { firstMs, longestMs }: RetryOptions): number {
  const chance = Math.random();
  const doubled = Math.round((1 + chance) * firstMs * 2 ** (failures - 1));
  return Math.min(doubled, Math.ceil(longestMs * (1 + chance / 3)));
}
