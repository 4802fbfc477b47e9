import type { Config } from '../config/config.ts';
import { countOf } from '../wording/number.ts';
import { type Again, createJudge } from './again.ts';
import type { AuditLine, LoggedFinding } from './line.ts';
import { type Reading, readAuditLog } from './read.ts';
import { type CauseCount, createTally, type Why } from './tally.ts';

/** How an answer changes: refused, or warned about, that was not; and the other way round. */
export const directions = ['refused', 'admitted', 'warned', 'silent'] as const;
export type Direction = (typeof directions)[number];

/** The admissions of a log under another configuration. */
export interface Replay {
  readonly reading: Reading;
  /** Lines of dry runs, which admitted nothing and are left out. */
  readonly dryRuns: number;
  /** Lines whose answer stays as it was. */
  readonly unchanged: number;
  readonly changes: Readonly<Record<Direction, Causes>>;
  /** Lines that do not decide how the request would be answered, by what they do not decide. */
  readonly undecided: Causes;
  /** What the log cannot have: sentences. */
  readonly holes: readonly string[];
}

export interface Causes {
  readonly lines: number;
  readonly causes: readonly CauseCount[];
  /** How many lines had causes beyond the limit. */
  readonly more: number;
}

/**
 * Judges every audit line of files again by a configuration. Throws an Error that names a file that
 * cannot be read.
 */
export async function replay(
  files: readonly string[],
  config: Config,
  options: { readonly progress?: (lines: number) => void } = {},
): Promise<Replay> {
  const judge = createJudge(config);
  const tallies = Object.fromEntries([...directions, 'undecided'].map((name) => [name, createTally()])) as Record<
    Direction | 'undecided',
    ReturnType<typeof createTally>
  >;
  let [dryRuns, unchanged, silent] = [0, 0, 0];
  const reading = await readAuditLog(
    files,
    (line) => {
      if (line.dryRun) {
        dryRuns += 1;
        return undefined;
      }
      if (line.findings.length === 0 && line.permissions === undefined) silent += 1;
      const again = judge(line);
      return again instanceof Promise ? again.then((one) => compare(line, one)) : compare(line, again);
    },
    options,
  );

  function compare(line: AuditLine, again: Again): void {
    if (again.outcome === 'undecided') {
      tallies.undecided.add(line, again.doubts);
      return;
    }
    const direction = directionOf(line, again.outcome);
    if (direction === undefined) unchanged += 1;
    else tallies[direction].add(line, reasonsOf(direction, line, again));
  }

  const causesOf = (name: Direction | 'undecided'): Causes => ({
    lines: tallies[name].lines,
    ...tallies[name].causes(),
  });
  return {
    reading,
    dryRuns,
    unchanged,
    changes: {
      refused: causesOf('refused'),
      admitted: causesOf('admitted'),
      warned: causesOf('warned'),
      silent: causesOf('silent'),
    },
    undecided: causesOf('undecided'),
    holes: findHoles(reading, silent),
  };
}

function directionOf({ decision }: AuditLine, outcome: 'allowed' | 'warned' | 'denied'): Direction | undefined {
  if (decision === outcome) return undefined;
  if (outcome === 'denied') return 'refused';
  if (decision === 'denied') return 'admitted';
  return outcome === 'warned' ? 'warned' : 'silent';
}

/** The findings that decide now, or those that decided then and do so no longer. */
function reasonsOf(direction: Direction, { findings }: AuditLine, again: Again): readonly Why[] {
  switch (direction) {
    case 'refused':
      return again.findings.filter(({ action }) => action === 'deny');
    case 'warned':
      return again.findings.filter(({ action }) => action === 'warn');
    case 'admitted':
      return findings.filter(({ action }) => action === 'deny').map(whyOf);
    case 'silent':
      return findings.filter(({ action }) => action === 'warn').map(whyOf);
  }
}

function whyOf({ check, field, found, reason }: LoggedFinding): Why {
  return { check, field, found: found ?? undefined, reason };
}

/** What the log cannot have. `silent` is the number of lines without anything to say. */
export function findHoles(
  { audits, unreadable, firstProblem, gaps, silences }: Reading,
  silent: number,
): readonly string[] {
  return [
    ...(audits > 0 && silent === 0
      ? [
          'no line is about a request without findings: with audit: {log: findings} there are none, so what would be refused of those requests is not known',
        ]
      : []),
    ...(unreadable > 0 ? [`${countOf(unreadable, 'audit line')} could not be read; the first: ${firstProblem}`] : []),
    ...gaps,
    ...silences.map(({ from, to, hours }) => `no line from ${from} to ${to} (${hours} hours)`),
  ];
}
