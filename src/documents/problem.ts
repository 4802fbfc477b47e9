import type { Path, Place } from './document.ts';

/** One problem of a file, and its position. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. Undefined if the problem is the file itself. */
  readonly position: Place | undefined;
  readonly path: Path;
  /** A clause on one line, without the path. */
  readonly message: string;
}

/**
 * A file that cannot be used, with all its problems in the order of the file. The message has one
 * line for each problem, as {@link formatProblem} writes it.
 */
export class FileError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'FileError';
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN: path: message`, which editors and terminals turn into a link. */
export function formatProblem(problem: Problem): string {
  const place = problem.position === undefined ? '' : `:${problem.position.line}:${problem.position.column}`;
  const path = problem.path.length === 0 ? '' : `${formatPath(problem.path)}: `;
  return `${problem.file}${place}: ${path}${problem.message}`;
}

/**
 * `taxonomy.env.values[0]`. A key that is not a plain word is quoted:
 * `taxonomy["example.com/team"]`.
 */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${quote(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A value in the form of messages: on one line, and shortened to a readable length. */
export function quote(value: unknown): string {
  // Long enough for any label value (63 characters) with its quotes.
  const limit = 72;
  const text = JSON.stringify(value);
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
