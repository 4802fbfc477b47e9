import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from './document.ts';

// Finds the position of a path in a text. If a mapping has equal keys, it is the position of the
// last one, whose value both readers keep.

/** What a YAML document has at a path. */
export interface FoundNode {
  /** Undefined if there is a key without a value. */
  readonly node: Node | undefined;
  /** The key of a mapping's member. Undefined for a list item and for the document itself. */
  readonly key: Node | undefined;
  /** Whether the path exists. If not, this is its nearest ancestor. */
  readonly isComplete: boolean;
}

/**
 * Follows a path into a parsed YAML document, as far as it exists. An alias leads to its anchor,
 * because the value can be changed there.
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
      // A key that `<<` merges is not an item of this mapping. The position of the mapping is used
      // instead.
      const pair = isMap(node) ? node.items.findLast((one) => keyText(one) === String(step)) : undefined;
      if (pair === undefined) return { ...found, isComplete: false };
      found = { node: (pair.value as Node | null) ?? undefined, key: pair.key as Node, isComplete: true };
    }
  }
  return found;
}

/**
 * The offset at which the key (or list item) of a path, or its value, begins in a parsed YAML
 * document. If the path does not exist, the offset of the nearest ancestor's key (or item).
 */
export function locateYaml(document: Document, path: Path, part: 'key' | 'value' = 'key'): number {
  const { node, key, isComplete } = findNode(document, path);
  const chosen = part === 'value' && isComplete ? (node ?? key) : (key ?? node);
  return chosen?.range?.[0] ?? 0;
}

/** The scalar at a path as a valid JSON text has it, from the value at `start`. */
export function writtenJson(text: string, start: number, path: Path): string | undefined {
  const offset = valueOffset(text, start, path);
  return offset === undefined || /["[{]/.test(text[offset] ?? '{')
    ? undefined
    : text.slice(offset, skipValue(text, offset));
}

/** The text of a member's key. Undefined if the key is not a scalar. */
export function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/**
 * The offset at which the key (or list item) of a path begins in a valid JSON text, from the value
 * at `start`. If the path does not exist, the offset of the nearest ancestor. JSON.parse reads JSON
 * fifty times faster than the YAML parser, and positions are found only when they are needed.
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

/** The offset of each element of the list at `start`. */
export function elementOffsets(text: string, start: number): readonly number[] {
  return [...members(text, start)].map(({ begins }) => begins);
}

/** The offset of the value at a path (not of its key). Undefined if there is none. */
export function valueOffset(text: string, start: number, path: Path): number | undefined {
  let value: number | undefined = skipSpace(text, start);
  for (const step of path) {
    value = findMember(text, value, step)?.value;
    if (value === undefined) return undefined;
  }
  return value;
}

interface JsonMember {
  /** The decoded key in a mapping. Undefined in a list. */
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

/** The offset of what follows white space. */
export function skipSpace(text: string, offset: number): number {
  return endOf(/[ \t\r\n]*/y, text, offset);
}

function skipString(text: string, offset: number): number {
  return endOf(/"[^"\\]*(?:\\.[^"\\]*)*"/y, text, offset);
}

/** The offset after a value. */
export function skipValue(text: string, offset: number): number {
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
  // A valid text always matches. If nothing matches, one step forward keeps every loop finite.
  return pattern.lastIndex > offset ? pattern.lastIndex : pattern.source.endsWith('*') ? offset : offset + 1;
}
