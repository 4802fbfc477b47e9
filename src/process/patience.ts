import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';

/** Repeats a call until the API server answers. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * Waits for an API server that starts later than this process, and logs why. Errors without a
 * `code`, and the abortion of the signal, are thrown.
 */
export function waitForAnswers(log: Pick<Log, 'warn'>, signal: AbortSignal): Patience {
  return (call) =>
    retry(call, {
      firstMs: 250,
      longestMs: 5_000,
      signal,
      isPassing: (error) => error instanceof Error && 'code' in error,
      onFailure: (error) =>
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'waiting for the API server'),
    });
}
