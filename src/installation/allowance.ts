import type { Clock } from '../retry/clock.ts';

/**
 * Limits the repairs of a webhook configuration. Ten repairs in a row are made at once, which
 * covers changes by hand. If something else, such as another controller, undoes each repair, only
 * one repair in half a minute is made, and people are told.
 */
export interface Allowance {
  /** Takes one repair. Returns whether there was one. */
  take(): boolean;
  /** Whether `take` has found no repair left, and three have not come back since. */
  isSpent(): boolean;
}

export function createAllowance(clock: Pick<Clock, 'uptime'>): Allowance {
  let left = inARow;
  let filledAt = clock.uptime();
  let spent = false;

  function fill(): void {
    const now = clock.uptime();
    left = Math.min(inARow, left + (now - filledAt) / oneEveryMs);
    filledAt = now;
  }

  return {
    take() {
      fill();
      if (left < 1) {
        spent = true;
        return false;
      }
      left -= 1;
      return true;
    },
    isSpent() {
      fill();
      // One repair that has come back does not show that the dispute is over.
      if (left >= peace) spent = false;
      return spent;
    },
  };
}

const inARow = 10;
const oneEveryMs = 30_000;

/** The repairs that come back in a minute and a half without one. */
const peace = 3;
