import type { Config } from '../config/config.ts';
import { type ExceptionState, exceptionStates, inForce, stateOf } from '../config/exceptions.ts';
import type { Exception } from '../policy/exception.ts';
import { repeat } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * Applies the end dates of exceptions: an exception ends on its day without a new configuration.
 */
export interface Exceptions {
  /** Takes another configuration, and lists its exceptions in the log. */
  adopt(config: Config): void;
  /** The configuration in force now. It is the same object until something changes. */
  current(): Config;
  /** The number of exceptions in each state. */
  census(): Readonly<Record<ExceptionState, number>>;
  /** Logs when an exception is about to end, and when it has ended, until aborted. */
  follow(signal: AbortSignal): Promise<void>;
}

/** An exception ends with a day, so the log may be a minute late. */
const lookMs = 60_000;

/** `now` is the clock, in milliseconds since 1970. */
export function openExceptions(initial: Config, log: Pick<Log, 'info' | 'warn'>, now: () => number): Exceptions {
  let written = initial;
  let held = initial;
  let said = new Map<Exception, ExceptionState>();
  adopt(initial);

  function adopt(config: Config): void {
    written = config;
    held = config;
    said = new Map();
    look();
  }

  function look(): void {
    for (const exception of written.exceptions) {
      const state = stateOf(exception, now());
      if (said.get(exception) === state) continue;
      said.set(exception, state);
      tell(exception, state);
    }
  }

  function tell(exception: Exception, state: ExceptionState): void {
    const { name, checks, namespace, reason, until } = exception;
    const line = { exception: name, checks, namespace, workloads: describe(exception), reason, until };
    const isOutside = checks.includes('host-network');
    if (state === 'ended') log.warn(line, 'exception has ended, its findings refuse again');
    else if (state === 'ending') log.warn(line, 'exception ends within a week');
    if (state === 'holds' || state === 'ending')
      log.info(line, isOutside ? 'exception in force: its Pods stand outside the fence' : 'exception in force');
  }

  return {
    adopt,
    current() {
      const next = inForce(written, now());
      if (next.exceptions.length !== held.exceptions.length) held = next;
      return held;
    },
    census() {
      const counts = Object.fromEntries(exceptionStates.map((state) => [state, 0])) as Record<ExceptionState, number>;
      for (const exception of written.exceptions) counts[stateOf(exception, now())] += 1;
      return counts;
    },
    follow: (signal) => repeat(async () => look(), { everyMs: lookMs, signal }),
  };
}

/** Returns the workloads of an exception as texts: `DaemonSet node-exporter`. */
function describe({ workloads }: Exception): readonly string[] {
  return workloads.map((one) =>
    'serviceAccount' in one ? `ServiceAccount ${one.serviceAccount}` : `${one.kind} ${one.name.source}`,
  );
}
