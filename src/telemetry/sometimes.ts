import type { Log } from './log.ts';

/** One minute: often enough to be noticed, and rare enough that no client can fill the log. */
const everyMs = 60_000;

/**
 * Logs events that anyone who reaches the port can cause. For each reason the first event is logged
 * at once, and later ones at most once a minute, with the number of events since the last line.
 * There must be only a few reasons.
 */
export function tellSometimes(
  log: Pick<Log, 'warn'>,
  message: string,
  now: () => number = () => performance.now(),
): (reason: string) => void {
  const told = new Map<string, { at: number; since: number }>();
  return (reason) => {
    const last = told.get(reason);
    if (last !== undefined && now() - last.at < everyMs) {
      last.since += 1;
      return;
    }
    told.set(reason, { at: now(), since: 0 });
    log.warn({ reason, count: 1 + (last?.since ?? 0) }, message);
  };
}
