import { setTimeout } from 'node:timers/promises';

/** Time, as the source of certificates needs it. */
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
  sleep: async (ms, signal) => {
    await setTimeout(ms, undefined, { signal }).catch(() => undefined);
  },
};
