import type { Clock } from '../src/retry/clock.ts';

/** A clock that stands still until it is moved. Its sleepers wake when their time has come. */
export interface HandClock extends Clock {
  move(ms: number): void;
  sleepers(): number;
}

export function handClock(start = Date.now()): HandClock {
  let elapsed = 0;
  let waiting: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => start + elapsed,
    uptime: () => elapsed,
    sleepers: () => waiting.length,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        waiting.push({ at: elapsed + ms, wake: resolve });
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    move(ms) {
      elapsed += ms;
      const due = waiting.filter(({ at }) => at <= elapsed);
      waiting = waiting.filter(({ at }) => at > elapsed);
      for (const { wake } of due) wake();
    },
  };
}
