import type { Exception } from '../policy/exception.ts';
import type { Config } from './config.ts';
import type { ExceptionEntry } from './exception-schema.ts';
import { compilePattern } from './pattern.ts';

const dayMs = 86_400_000;

/** The longest time that an exception may last. A rule that is waived for longer is not a rule. */
export const longestDays = 180;

/** The time before its end in which an exception counts as ending: enough for a release. */
const endingDays = 7;

/** The states of an exception. */
export const exceptionStates = ['holds', 'ending', 'ended'] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/** Whether a text is a date of the calendar: `2027-01-31`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Returns the latest end of an exception, for a configuration loaded at `now` (ms since 1970). */
export function latestEnd(now: number): string {
  return new Date(now + longestDays * dayMs).toISOString().slice(0, 10);
}

/** Converts valid entries to the form that the checks use. */
export function buildExceptions(entries: readonly ExceptionEntry[]): readonly Exception[] {
  return entries.map(({ workloads, ...entry }) => ({
    ...entry,
    workloads: workloads.map(({ kind = '', name = '', serviceAccount }) => {
      if (serviceAccount !== undefined) return { serviceAccount };
      const pattern = compilePattern(name);
      // Validation has already refused such a file. The compiler cannot know this.
      if ('wrong' in pattern) throw new TypeError(`name of ${entry.name}: ${pattern.wrong}`);
      return { kind, name: pattern };
    }),
  }));
}

/** Returns the state of an exception at `now` (ms since 1970). It ends at 00:00 UTC of its day. */
export function stateOf({ until }: Pick<Exception, 'until'>, now: number): ExceptionState {
  const left = Date.parse(`${until}T00:00:00Z`) - now;
  if (left <= 0) return 'ended';
  return left <= endingDays * dayMs ? 'ending' : 'holds';
}

/**
 * Returns the configuration without the exceptions that have ended at `now` (ms since 1970). It is
 * the same object if none has ended.
 */
export function inForce(config: Config, now: number): Config {
  const exceptions = config.exceptions.filter((exception) => stateOf(exception, now) !== 'ended');
  return exceptions.length === config.exceptions.length ? config : { ...config, exceptions };
}
