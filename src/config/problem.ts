import { nearest } from '../policy/spelling.ts';

/** Steps from the file's root: mapping keys and list indices. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; undefined where the problem is the file itself. */
  readonly position: Position | undefined;
  readonly path: Path;
  /** A clause without the path, on one line. */
  readonly message: string;
}

/** A place in a text; both counted from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A configuration that cannot be used, with everything that is wrong with it, in the file's order. The message has one line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN: path: message`, as editors and terminals turn it into a link. */
export function formatProblem(problem: Problem): string {
  const place = problem.position === undefined ? '' : `:${problem.position.line}:${problem.position.column}`;
  const path = problem.path.length === 0 ? '' : `${formatPath(problem.path)}: `;
  return `${problem.file}${place}: ${path}${problem.message}`;
}

/** `taxonomy.env.values[0]`; a key that is no plain word is quoted: `taxonomy["example.com/team"]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${quote(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A value as messages show it: on one line, and no longer than reads well. */
export function quote(value: unknown): string {
  // Long enough for any label value (63 characters) with its quotes.
  const limit = 72;
  const text = JSON.stringify(value);
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What to write after an unknown word: the nearest known one, else all of them. */
export function suggestKnown(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${quote(near)}?`;
}
