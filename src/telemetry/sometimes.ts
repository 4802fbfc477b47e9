import type { Log } from './log.ts';

/** A minute: often enough to be seen, and nobody fills the log by asking. */
const everyMs = 60_000;

/**
 * Logs what anyone who reaches the port can bring about: for each reason the first time at once,
 * and then at most once in a minute, with how often it was since. The reasons have to be few.
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
