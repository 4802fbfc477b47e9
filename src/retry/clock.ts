/** Time, as whoever waits needs it. Tests hand in one that they move. */
export interface Clock {
  /** Milliseconds since 1970: what certificates are written in. */
  now(): number;
  /** Milliseconds since some moment, never set back or forward: what waiting is measured in. */
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
