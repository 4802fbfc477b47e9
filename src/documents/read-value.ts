import type { Path } from './document.ts';

/** A value of a text, and where its parts are. */
export interface ReadValue {
  readonly value: unknown;
  /** The offset of the key (or list item) at `inner`, from the object at `path`. */
  locate(path: Path, inner: Path): number;
  /** The scalar at `inner` as the text has it, without quotes. Undefined if the path has none. */
  written(path: Path, inner: Path): string | undefined;
}

/** A part of a text that cannot be read. */
export interface ReadFailure {
  readonly message: string;
  readonly offset: number;
}
