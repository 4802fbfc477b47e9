import { posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** The name of the files whose patterns leave out files below their folder. */
export const ignoreFile = '.ringfenceignore';

/**
 * Patterns in the syntax of gitignore, and the folder that they are relative to. The patterns of
 * `--exclude` are relative to the working folder.
 */
export interface Exclusion {
  readonly folder: string;
  readonly patterns: Ignore;
}

/** `text` has one pattern on each line, or is a list of patterns. */
export function createExclusion(folder: string, text: string | readonly string[]): Exclusion {
  return { folder, patterns: ignore().add(text) };
}

/**
 * Whether the exclusions leave out a path. The last pattern that matches decides, and the
 * exclusions of inner folders come last, as in git. Paths are relative to the working folder, or
 * absolute.
 */
export function isExcluded(path: string, isFolder: boolean, exclusions: readonly Exclusion[]): boolean {
  let excluded = false;
  for (const { folder, patterns } of exclusions) {
    const inside = posix.relative(folder, path);
    // What is not below the working folder is matched by its path without the way up to it.
    const name = folder === '.' ? inside.replace(/^(\.\.\/)+|^\/+/, '') : inside;
    if (name === '' || name === '..' || name.startsWith('../') || name.startsWith('/')) continue;
    const { ignored, unignored } = patterns.test(isFolder ? `${name}/` : name);
    excluded = ignored || (excluded && !unignored);
  }
  return excluded;
}
