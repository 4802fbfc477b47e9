import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from './document.ts';

// Where a path leads in a text. In a mapping with equal keys it leads to the last of them, whose
// value is the one that both readers keep.

/** What stands under a path of a YAML document. */
export interface FoundNode {
  /** Undefined where there is only a key, and no value. */
  readonly node: Node | undefined;
  /** The key of a mapping's member; undefined for a list's item, and for the document itself. */
  readonly key: Node | undefined;
  /** Whether the path exists; else this is its nearest ancestor. */
  readonly isComplete: boolean;
}

/**
 * Follows a path into a parsed YAML document, as far as it goes. An alias leads to its anchor,
 * which is where a person can change the value.
 */
export function findNode(document: Document, path: Path): FoundNode {
  let found: FoundNode = { node: document.contents ?? undefined, key: undefined, isComplete: true };
  for (const step of path) {
    const node = isAlias(found.node) ? found.node.resolve(document) : found.node;
    if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) return { ...found, isComplete: false };
      found = { node: item, key: undefined, isComplete: true };
    } else {
      // A key merged by `<<` is not here: its mapping's place will do.
      const pair = isMap(node) ? node.items.findLast((one) => keyText(one) === String(step)) : undefined;
      if (pair === undefined) return { ...found, isComplete: false };
      found = { node: (pair.value as Node | null) ?? undefined, key: pair.key as Node, isComplete: true };
    }
  }
  return found;
}

/**
 * The offset at which a path's key (or list item), or its value, begins in a parsed YAML document.
 * Where the path does not exist, the nearest ancestor's key (or item) counts.
 */
export function locateYaml(document: Document, path: Path, part: 'key' | 'value' = 'key'): number {
  const { node, key, isComplete } = findNode(document, path);
  const chosen = part === 'value' && isComplete ? (node ?? key) : (key ?? node);
  return chosen?.range?.[0] ?? 0;
}

/** The text of a member's key; undefined where it is no scalar. */
export function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/**
 * Where a path's key (or list item) begins in a valid JSON text, from the value at `start`; the
 * nearest ancestor's offset where the path does not exist. JSON is read by JSON.parse, fifty times
 * quicker than as YAML, and located only where a place is asked for.
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
