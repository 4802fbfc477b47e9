/** Steps from an object's root: mapping keys and list indices. */
export type Path = readonly (string | number)[];

/** A place in a file; both counted from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * One object of a manifest, in wire form, that remembers where each of its parts stands. Members of
 * a `List` are objects of their own.
 */
export interface LoadedDocument extends Place {
  /**
   * The path as it was given (or found under a folder that was given); `stdin` for what was piped
   * in.
   */
  readonly file: string;
  /** Whatever stood there: not every YAML document is a Kubernetes object. */
  readonly object: unknown;
  /**
   * Where a path's key (or list item) begins; the nearest ancestor's place where the path does not
   * exist.
   */
  placeOf(path: Path): Place;
}

/** Something that kept (a part of) a file from being read. */
export interface DocumentProblem {
  readonly file: string;
  /** Undefined, both, where the problem is the file itself. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** A clause, on one line, without the file's name. */
  readonly message: string;
}

/** What was read, and what could not be: the one never hides the other. */
export interface Loaded {
  readonly documents: readonly LoadedDocument[];
  readonly problems: readonly DocumentProblem[];
}

/** `FILE:LINE:COLUMN: message`, as editors and terminals turn it into a link. */
export function formatDocumentProblem({ file, line, column, message }: DocumentProblem): string {
  return `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`}: ${message}`;
}
