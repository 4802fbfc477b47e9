import type { Exception } from '../policy/exception.ts';
import type { Config } from './config.ts';
import type { ExceptionEntry } from './exception-schema.ts';
import { compilePattern } from './pattern.ts';

const dayMs = 86_400_000;

/** How far ahead an exception may end: a rule that is waived for longer is no rule. */
export const longestDays = 180;

/** How long before its end an exception is said to be ending: time for a release. */
const endingDays = 7;

/** How an exception stands to the clock. */
export const exceptionStates = ['holds', 'ending', 'ended'] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/** Whether a text is a day of the calendar: `2027-01-31`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The last day on which an exception may end, of a configuration that is loaded at `now` (ms). */
export function latestEnd(now: number): string {
  return new Date(now + longestDays * dayMs).toISOString().slice(0, 10);
}

/** Valid entries as the checks use them. */
export function buildExceptions(entries: readonly ExceptionEntry[]): readonly Exception[] {
  return entries.map(({ workloads, ...entry }) => ({
    ...entry,
    workloads: workloads.map(({ kind = '', name = '', serviceAccount }) => {
      if (serviceAccount !== undefined) return { serviceAccount };
      const pattern = compilePattern(name);
      // Validation has refused such a file; without this the compiler would have to take our word
      // for it.
      if ('wrong' in pattern) throw new TypeError(`name of ${entry.name}: ${pattern.wrong}`);
      return { kind, name: pattern };
    }),
  }));
}

/** How an exception stands at `now` (ms since 1970): it ends as its day begins, in UTC. */
export function stateOf({ until }: Pick<Exception, 'until'>, now: number): ExceptionState {
  const left = Date.parse(`${until}T00:00:00Z`) - now;
  if (left <= 0) return 'ended';
  return left <= endingDays * dayMs ? 'ending' : 'holds';
}

/**
 * The configuration with the exceptions that hold at `now` (ms since 1970). The same object where
 * all of them do.
 */
export function inForce(config: Config, now: number): Config {
  const exceptions = config.exceptions.filter((exception) => stateOf(exception, now) !== 'ended');
  return exceptions.length === config.exceptions.length ? config : { ...config, exceptions };
}
