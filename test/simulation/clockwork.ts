import type { Task } from './agenda.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Node uses a delay of one for any delay that is not a valid number of milliseconds. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Replaces everything with which code reads time and chance: timers, clocks, `AbortSignal.timeout`,
 * `Math.random`. A timer belongs to the owner whose step made it. Returns a function that restores
 * the globals. Stack traces are off in the meantime, because there are thousands of errors.
 */
export function takeTime(scheduler: Scheduler, random: Random): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { timeout } = AbortSignal;
  const { now } = Date;
  const { random: chance } = Math;
  const { stackTraceLimit } = Error;

  const start = (run: () => void, delayMs: number, isRepeated: boolean): Timer => {
    const ms = delayMs >= 1 && delayMs <= longestDelayMs ? Math.trunc(delayMs) : 1;
    const owner = scheduler.owner();
    const timer: Timer = { task: undefined, ref: () => timer, unref: () => timer, hasRef: () => true };
    const plan = (): void => {
      timer.task = scheduler.after(ms, owner, () => {
        if (isRepeated) plan();
        run();
      });
    };
    plan();
    return timer;
  };
  const stop = (timer: Timer | undefined): void => {
    if (timer?.task !== undefined) timer.task.isCancelled = true;
  };

  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, delayMs = 1, ...args: unknown[]) =>
      start(() => run(...args), delayMs, false),
    setInterval: (run: (...args: unknown[]) => void, delayMs = 1, ...args: unknown[]) =>
      start(() => run(...args), delayMs, true),
    clearTimeout: stop,
    clearInterval: stop,
  });
  performance.now = scheduler.now;
  Date.now = scheduler.now;
  Math.random = random.next;
  AbortSignal.timeout = (ms) => {
    // The same check as in Node (validateUint32).
    if (!Number.isInteger(ms) || ms < 0 || ms >= 2 ** 32) throw new RangeError(`AbortSignal.timeout takes no ${ms}`);
    const controller = new AbortController();
    start(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
      false,
    );
    return controller.signal;
  };
  Error.stackTraceLimit = 0;

  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Reflect.deleteProperty(performance, 'now');
    Date.now = now;
    Math.random = chance;
    AbortSignal.timeout = timeout;
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/** The used part of NodeJS.Timeout. */
interface Timer {
  task: Task | undefined;
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
}
