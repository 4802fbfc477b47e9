import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPlaces, replaceAt } from './pattern.ts';

/**
 * A piece of code that occurs in only one place (pattern.ts says what counts as equal), and its
 * replacement by a mistake.
 */
export interface Edit {
  /**
   * The path of its file when it was written, from the root of the repository. This file is
   * searched first, then the room and all of `src/`.
   */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A named way to break the code. */
export interface Mistake {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/**
 * Returns the files that a mistake changes, by their paths from the root of the repository, with
 * the mistake in them. Throws if an edit matches no place or several.
 */
export function mutate(root: string, { name, edits }: Mistake): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const read = (file: string): string => texts.get(file) ?? readFileSync(join(root, file), 'utf8');
  for (const edit of edits) {
    const file = locate(root, name, edit, read);
    const text = read(file);
    const [place] = findPlaces(text, edit.from);
    if (place !== undefined) texts.set(file, replaceAt(text, place, edit.to));
  }
  return texts;
}

function locate(root: string, name: string, { file, from }: Edit, read: (file: string) => string): string {
  const counts: string[] = [];
  for (const files of [
    [file],
    globSync(`${dirname(file)}/**/*.ts`, { cwd: root }),
    globSync('src/**/*.ts', { cwd: root }),
  ]) {
    const found = files.flatMap((one) => countIn(one).map(() => one));
    if (found.length === 1 && found[0] !== undefined) return found[0];
    counts.push(String(found.length));
  }
  throw new Error(
    `the mistake "${name}" does not apply any more: in ${file}, its room and src/ are ${counts.join(', ')} places of ${from}`,
  );

  function countIn(one: string): readonly unknown[] {
    try {
      return findPlaces(read(one), from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
