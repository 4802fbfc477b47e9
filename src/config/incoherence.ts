import type { Path } from '../documents/document.ts';

/** Something of the right shape that makes no sense, not yet located in the text. */
export interface Incoherence {
  readonly path: Path;
  readonly message: string;
  /** Which of the path's ends to point at; the value if left out. */
  readonly part?: 'key' | 'value';
}

/** Unvalidated data as a list; what is none has nothing in it. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
