import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';

/** Makes a call until the API server answers. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * The API server may come up after us: wait, say why, go on. What it refuses for good is thrown,
 * and so is the abortion of the signal.
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
