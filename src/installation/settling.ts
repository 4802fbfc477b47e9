import type { Clock } from '../retry/clock.ts';

/** When the second webhook configuration may follow the first one to another version. */
export interface Settling {
  /**
   * Whether API servers know the first one by now: it has been current for a second. If others keep
   * changing it, the second one follows all the same after half a minute, because rules that nobody
   * enforces are worse than rules in the wrong order.
   * @param what the first one's kind and version
   * @param isCurrent whether it was as desired when it was read
   */
  isDue(what: string, isCurrent: boolean): boolean;
  /** The second one has its version. */
  end(): void;
  /** Nothing is known of either. */
  forget(): void;
}

export function createSettling(clock: Pick<Clock, 'uptime'>): Settling {
  let known: { readonly what: string; readonly since: number } | undefined;
  let waitingSince: number | undefined;
  return {
    isDue(what, isCurrent) {
      const now = clock.uptime();
      if (known?.what !== what || !isCurrent) known = { what, since: now };
      waitingSince ??= now;
      return (isCurrent && now - known.since >= settleMs) || now - waitingSince >= patienceMs;
    },
    end() {
      waitingSince = undefined;
    },
    forget() {
      known = undefined;
      waitingSince = undefined;
    },
  };
}

/**
 * API servers learn of a configuration through a watch, within some milliseconds. A second is far
 * longer, and does not matter for a first install.
 */
const settleMs = 1_000;
const patienceMs = 30_000;
