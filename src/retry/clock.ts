/**
 * The time and the pauses of a process. Tests pass a clock that they control.
 */
export interface Clock {
  /** Milliseconds since 1970, as in certificates. */
  now(): number;
  /**
   * Milliseconds since some moment. It is never set back or forward, so it measures waiting times.
   */
  uptime(): number;
  /** Resolves after some milliseconds, or as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  sleep(ms, signal) {
    if (!(ms > 0) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  },
};
