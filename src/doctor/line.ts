/**
 * `finding`: something is wrong, or not held by the fence. `undecided`: it could not be looked at.
 * `note`: worth knowing, and nothing to do. `clean`: looked at, and in order.
 */
export const statuses = ['finding', 'undecided', 'note', 'clean'] as const;
export type Status = (typeof statuses)[number];

/** One answer of the doctor. */
export interface Line {
  /** The id of the examination. */
  readonly examination: string;
  readonly status: Status;
  /** What was looked at. */
  readonly looked: string;
  /** What was found there. */
  readonly found: string;
  /** What that means for the fence; empty where it is in order. */
  readonly means: string;
  /** What to do; empty where there is nothing to do. */
  readonly remedy: string;
}

/** A line without the id, which the table of examinations adds. */
export type Answer = Omit<Line, 'examination'>;

export function clean(looked: string, found: string): Answer {
  return { status: 'clean', looked, found, means: '', remedy: '' };
}

export function note(looked: string, found: string, means: string, remedy = ''): Answer {
  return { status: 'note', looked, found, means, remedy };
}

export function finding(looked: string, found: string, means: string, remedy: string): Answer {
  return { status: 'finding', looked, found, means, remedy };
}

export function undecided(looked: string, why: string, remedy: string): Answer {
  return { status: 'undecided', looked, found: `not decided: ${why}`, means: 'it may be wrong or right', remedy };
}

/** How many lines have each status. */
export function countLines(lines: readonly Line[]): Readonly<Record<Status, number>> {
  const count = (status: Status): number => lines.filter((line) => line.status === status).length;
  return { finding: count('finding'), undecided: count('undecided'), note: count('note'), clean: count('clean') };
}

/** 1 if a line is a finding, or with `strict` is not decided; else 0. */
export function exitCodeOf(lines: readonly Line[], strict: boolean): 0 | 1 {
  const counts = countLines(lines);
  return counts.finding > 0 || (strict && counts.undecided > 0) ? 1 : 0;
}

/** Names for one line of text: the first ones, and how many more there are. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}
