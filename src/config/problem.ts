import { FileError, type Problem, quote } from '../documents/problem.ts';
import { nearest } from '../policy/spelling.ts';

/** A configuration that cannot be used. */
export class ConfigError extends FileError {
  constructor(problems: readonly Problem[]) {
    super(problems);
    this.name = 'ConfigError';
  }
}

/** Returns a hint for an unknown word: the nearest known word, or else all of them. */
export function suggestKnown(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${quote(near)}?`;
}
