import type { Clock } from '../retry/clock.ts';

/**
 * How many repairs a configuration gets. Damage by hand is repaired at once, ten times in a row.
 * Whoever changes it back each time, as another controller does, is a tug of war that nobody wins:
 * then there is one repair in half a minute, and people are told.
 */
export interface Allowance {
  /** Takes one, if there is one. */
  take(): boolean;
  /** Whether there was none when last asked, and not a whole one since. */
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
      // One that is back is no peace yet: the next repair shows whether it is.
      if (left >= peace) spent = false;
      return spent;
    },
  };
}

const inARow = 10;
const oneEveryMs = 30_000;

/** A minute and a half without a repair. */
const peace = 3;
