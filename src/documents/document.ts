/**
 * The steps from the root of an object: mapping keys and list indices.
 */
export type Path = readonly (string | number)[];

/** A position in a file. Lines and columns count from 1, and columns are in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * One object of a manifest, in wire form, with the positions of its parts. Each member of a `List`
 * is a separate object.
 */
export interface LoadedDocument extends Place {
  /**
   * The path as it was given, or as it was found in a given folder. It is `stdin` for standard
   * input.
   */
  readonly file: string;
  /** Any value, because not every YAML document is a Kubernetes object. */
  readonly object: unknown;
  /**
   * The position of the key (or list item) at a path. If the path does not exist, the position of
   * its nearest ancestor.
   */
  placeOf(path: Path): Place;
  /**
   * The scalar at a path as the file has it, without quotes: `0777` for the number 511. Undefined
   * if the path has none.
   */
  writtenAt(path: Path): string | undefined;
}

/** The reason why a file, or a part of it, could not be read. */
export interface DocumentProblem {
  readonly file: string;
  /** Line and column are undefined if the problem is the file itself. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** A clause on one line, without the name of the file. */
  readonly message: string;
}

/**
 * What was read, and what could not be read. A problem never hides the documents that were read.
 */
export interface Parsed {
  readonly documents: readonly LoadedDocument[];
  readonly problems: readonly DocumentProblem[];
  /** Whether the text is JSON with comments. It then has no documents. */
  readonly isCommentedJson: boolean;
}

/** What was read of files that were chosen by path. */
export interface Loaded extends Omit<Parsed, 'isCommentedJson'> {
  /**
   * How many files and documents are no Kubernetes objects to judge, or were left out, by reason.
   */
  readonly passedOver: ReadonlyMap<string, number>;
  /** What a reader of the answers should know, each a sentence without a full stop. */
  readonly notes: readonly string[];
}

/** `FILE:LINE:COLUMN: message`, which editors and terminals turn into a link. */
export function formatDocumentProblem({ file, line, column, message }: DocumentProblem): string {
  return `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`}: ${message}`;
}
