import pRetry from 'p-retry';
import { askedPauseMs } from '../retry/answer.ts';
import { pause } from '../retry/pause.ts';
import type { Log } from '../telemetry/log.ts';

/** Makes a call until the API server answers. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * The API server may come up after us: wait, say why, go on. What it refuses for good is thrown,
 * and so is the abortion of the signal.
 */
export function waitForAnswers(log: Pick<Log, 'warn'>, signal: AbortSignal): Patience {
  return (call) =>
    pRetry(call, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 250,
      maxTimeout: 5_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => 'code' in error,
      async onFailedAttempt({ error, retryDelay }) {
        log.warn({ reason: error.message }, 'waiting for the API server');
        await pause(askedPauseMs(error) - retryDelay, signal);
      },
    });
}
