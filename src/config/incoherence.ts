import type { Path } from '../documents/document.ts';

/** A problem that the schema cannot express, without its place in the text. */
export interface Incoherence {
  readonly path: Path;
  readonly message: string;
  /** Whether the problem is at the key or the value of the path. The default is the value. */
  readonly part?: 'key' | 'value';
}

/** Returns unvalidated data that is a list, and an empty list for any other value. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
