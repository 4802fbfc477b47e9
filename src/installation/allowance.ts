import type { Clock } from '../retry/clock.ts';

/**
 * Limits the repairs of a webhook configuration. Ten repairs in a row are made at once, which
 * covers changes by hand. If something else, such as another controller, undoes each repair, only
 * one repair in half a minute is made, and people are told. A process's first write of a version is
 * no repair: nobody has undone it.
 */
export interface Allowance {
  /** Whether this version may be written. */
  allows(version: string): boolean;
  /** This version has been written. That takes one repair, unless it was the first write of it. */
  take(version: string): void;
  /** Whether a repair was not allowed, and three have not come back since. */
  isSpent(): boolean;
}

export function createAllowance(clock: Pick<Clock, 'uptime'>): Allowance {
  let left = inARow;
  let filledAt = clock.uptime();
  let spent = false;
  let written = '';

  function fill(): void {
    const now = clock.uptime();
    left = Math.min(inARow, left + (now - filledAt) / oneEveryMs);
    filledAt = now;
  }

  return {
    allows(version) {
      fill();
      if (version === written && left < 1) spent = true;
      return version !== written || left >= 1;
    },
    take(version) {
      if (version === written) left -= 1;
      written = version;
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
