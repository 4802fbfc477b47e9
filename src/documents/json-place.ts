import type { Path } from './document.ts';

/**
 * Where a path's key (or list item) begins in a valid JSON text, from the value at `start`; the nearest ancestor's offset where the path
 * does not exist. JSON is read by JSON.parse, fifty times quicker than as YAML, and located only where a place is asked for.
 */
export function locateJson(text: string, start: number, path: Path): number {
  let value = skipSpace(text, start);
  let found = value;
  for (const step of path) {
    const member = findMember(text, value, step);
    if (member === undefined) return found;
    found = member.begins;
    value = member.value;
  }
  return found;
}

/** Where each element of the list at `start` begins. */
export function elementOffsets(text: string, start: number): readonly number[] {
  return [...members(text, start)].map(({ begins }) => begins);
}

/** Where the value under a path begins (not its key); undefined where there is none. */
export function valueOffset(text: string, start: number, path: Path): number | undefined {
  let value: number | undefined = skipSpace(text, start);
  for (const step of path) {
    value = findMember(text, value, step)?.value;
    if (value === undefined) return undefined;
  }
  return value;
}

interface JsonMember {
  /** A mapping's key as it was decoded; undefined in a list. */
  readonly key: string | undefined;
  readonly begins: number;
  readonly value: number;
}

function findMember(text: string, start: number, step: string | number): JsonMember | undefined {
  let index = 0;
  let found: JsonMember | undefined;
  for (const member of members(text, start)) {
    if (typeof step === 'number' ? index === step : member.key === step) found = member;
    // In a mapping the last of two equal keys is the one that JSON.parse keeps.
    if (found !== undefined && typeof step === 'number') break;
    index += 1;
  }
  return found;
}

function* members(text: string, start: number): Generator<JsonMember> {
  const open = text[start];
  if (open !== '{' && open !== '[') return;
  let offset = skipSpace(text, start + 1);
  while (text[offset] !== '}' && text[offset] !== ']' && offset < text.length) {
    const begins = offset;
    let key: string | undefined;
    if (open === '{') {
      const end = skipString(text, offset);
      key = JSON.parse(text.slice(offset, end)) as string;
      offset = skipSpace(text, skipSpace(text, end) + 1);
    }
    yield { key, begins, value: offset };
    offset = skipSpace(text, skipValue(text, offset));
    if (text[offset] === ',') offset = skipSpace(text, offset + 1);
  }
}

function skipSpace(text: string, offset: number): number {
  return endOf(/[ \t\r\n]*/y, text, offset);
}

function skipString(text: string, offset: number): number {
  return endOf(/"[^"\\]*(?:\\.[^"\\]*)*"/y, text, offset);
}

function skipValue(text: string, offset: number): number {
  let depth = 0;
  let at = offset;
  do {
    const char = text[at];
    if (char === '"') at = skipString(text, at);
    else if (char === '{' || char === '[') {
      depth += 1;
      at += 1;
    } else if (char === '}' || char === ']') {
      depth -= 1;
      at += 1;
    } else at = endOf(depth === 0 ? /[^,\]}\s]+/y : /[^"[\]{}]+/y, text, at);
  } while (depth > 0 && at < text.length);
  return at;
}

function endOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  pattern.test(text);
  // Where nothing matched (which a valid text never shows) one step on keeps every loop finite.
  return pattern.lastIndex > offset ? pattern.lastIndex : pattern.source.endsWith('*') ? offset : offset + 1;
}
