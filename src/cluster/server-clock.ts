import { type Clock, systemClock } from '../retry/clock.ts';

/**
 * The time of the API server, from the `Date` of its answers (RFC 9110, 6.6.1). All replicas read
 * the same clock by it, however wrong their own ones are.
 */
export interface ServerClock {
  /** Takes the `Date` of an answer that has just arrived. Another text is ignored. */
  heard(date: unknown): void;
  /**
   * Milliseconds since 1970. Never ahead of the API server by more than its clock was set back.
   * Before the first answer, it is the time of this machine.
   */
  now(): number;
}

/**
 * A `Date` is cut to the second and has travelled, so it is at most the time of the server when it
 * arrives, and the latest of these times is the best one. A later `Date` is believed at once. One
 * that is earlier by more than this means that the clock of the server was set back.
 */
const setBackMs = 2_000;

export function createServerClock({ now, uptime }: Pick<Clock, 'now' | 'uptime'> = systemClock): ServerClock {
  let startedAt: number | undefined;
  return {
    heard(date) {
      const time = typeof date === 'string' ? Date.parse(date) : Number.NaN;
      if (Number.isNaN(time)) return;
      const found = time - uptime();
      if (startedAt === undefined || found > startedAt || found < startedAt - setBackMs) startedAt = found;
    },
    now: () => (startedAt === undefined ? now() : startedAt + uptime()),
  };
}
