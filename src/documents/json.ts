import type { Path } from './document.ts';
import { elementOffsets, locateJson, skipSpace, skipValue, valueOffset, writtenJson } from './place.ts';
import type { ReadValue } from './read-value.ts';

/**
 * The values, and the offset at which something else begins: the length of the text if nothing
 * does.
 */
export interface JsonValues {
  readonly values: readonly ReadValue[];
  readonly end: number;
}

/**
 * The JSON values at the beginning of a text, one after another. kubectl tries JSON first if a text
 * begins with `{`.
 */
export function readJsonValues(text: string): JsonValues {
  if (!/^\s*[{[]/.test(text)) return { values: [], end: 0 };
  const whole = parseJson(text);
  if (whole !== undefined) return { values: [valueAt(text, 0, whole.value)], end: text.length };
  const values: ReadValue[] = [];
  let end = 0;
  for (let start = skipSpace(text, 0); text[start] === '{'; start = skipSpace(text, end)) {
    const after = skipValue(text, start);
    const read = parseJson(text.slice(start, after));
    if (read === undefined) return { values, end };
    values.push(valueAt(text, start, read.value));
    end = after;
  }
  return { values, end: skipSpace(text, end) === text.length ? text.length : end };
}

/**
 * The value of a text that is JSON except for comments, and for commas before closing brackets.
 * Without comments it is YAML, which kubectl reads.
 */
export function parseJsonWithComments(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*(?:[{[]|\/[/*])/.test(text)) return undefined;
  const bare = text.replace(
    /("(?:[^"\\]|\\.)*")|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g,
    (_, quoted?: string) => quoted ?? ' ',
  );
  if (bare === text) return undefined;
  const strict = bare.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
  return parseJson(strict);
}

/** JSON.parse reads JSON many times faster than a parser that knows positions. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Positions are found only when they are needed. */
function valueAt(text: string, start: number, value: unknown): ReadValue {
  const starts = new Map<string, readonly number[]>();
  // All members of one List are located in one pass. One pass for each member would take quadratic
  // time.
  const startOf = (path: Path): number => {
    const last = path.at(-1);
    if (typeof last !== 'number') return locateJson(text, start, path);
    const list = path.slice(0, -1);
    const key = JSON.stringify(list);
    const offsets = starts.get(key) ?? elementOffsets(text, valueOffset(text, start, list) ?? start);
    starts.set(key, offsets);
    return offsets[last] ?? start;
  };
  return {
    value,
    locate: (path, inner) => locateJson(text, startOf(path), inner),
    written: (path, inner) => writtenJson(text, startOf(path), inner),
  };
}
