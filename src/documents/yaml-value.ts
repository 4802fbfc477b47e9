import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { isObject } from '../kubernetes/raw-object.ts';
import { isMergeKey, resolveScalar, type Scalar } from './yaml-scalar.ts';

/** What a document says, and the offset of the first key that is written twice. */
export interface BuiltValue {
  readonly value: unknown;
  readonly duplicate: number | undefined;
}

/** A failure of a document that can be parsed, and its offset. */
export class BuildError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Builds the first document of these events, as kubectl's decoder does (go-yaml v2, `decode.go`):
 * of two equal keys the last one counts, and `<<` overwrites the keys before it. Tags of
 * collections mean nothing. Throws {@link BuildError}.
 */
export function buildValue(events: readonly Event[], text: string): BuiltValue {
  const anchors = new Map<string, { readonly value: unknown; readonly nodes: number; readonly open: boolean }>();
  const frames: Frame[] = [];
  let duplicate: number | undefined;
  let root: unknown;
  let nodes = 0;
  let aliased = 0;

  const put = (value: unknown, offset: number, key?: Scalar): void => {
    const frame = frames.at(-1);
    const isKey = frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined;
    if (typeof value === 'number' && !Number.isFinite(value) && !isKey)
      throw new BuildError('JSON, which kubectl sends, has neither infinity nor .nan', offset);
    if (frame === undefined) root = value;
    else if (Array.isArray(frame.value)) frame.value.push(value);
    else if (frame.key === undefined)
      frame.key = { name: keyName(value, offset), offset, merges: key !== undefined && isMergeKey(key) };
    else {
      const { name, merges, offset: at } = frame.key;
      frame.key = undefined;
      if (merges) merge(frame.value, value, offset);
      else {
        if (frame.keys.has(name)) duplicate ??= at;
        frame.keys.add(name);
        set(frame.value, name, value);
      }
    }
  };
  const remember = (anchor: string | undefined, value: unknown, since: number, open = false): void => {
    if (anchor !== undefined) anchors.set(anchor, { value, nodes: nodes - since, open });
  };

  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        break;
      case EVENT_ID.SCALAR: {
        const scalar = scalarOf(event, text);
        const offset = offsetOf(event);
        nodes += 1;
        const value = readScalar(scalar, offset);
        remember(anchorOf(event, text), value, nodes - 1);
        put(value, offset, scalar);
        break;
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const value = event.type === EVENT_ID.SEQUENCE ? [] : {};
        const anchor = anchorOf(event, text);
        remember(anchor, value, nodes, true);
        frames.push({ value, anchor, offset: event.start, since: nodes, keys: new Set(), key: undefined });
        nodes += 1;
        break;
      }
      case EVENT_ID.ALIAS: {
        const name = text.slice(event.anchorStart, event.anchorEnd);
        const found = anchors.get(name);
        if (found === undefined)
          throw new BuildError(`there is no anchor &${name} for this alias`, event.anchorStart - 1);
        if (found.open) throw new BuildError(`the anchor &${name} contains itself`, event.anchorStart - 1);
        nodes += 1 + found.nodes;
        aliased += 1 + found.nodes;
        if (isExcessive(aliased, nodes)) throw new BuildError('its aliases unfold without end', event.anchorStart - 1);
        put(found.value, event.anchorStart - 1);
        break;
      }
      case EVENT_ID.POP: {
        const frame = frames.pop();
        if (frame === undefined) return { value: root, duplicate };
        remember(frame.anchor, frame.value, frame.since);
        put(frame.value, frame.offset);
      }
    }
  }
  return { value: root, duplicate };
}

interface Frame {
  readonly value: unknown[] | Record<string, unknown>;
  readonly anchor: string | undefined;
  readonly offset: number;
  /** How many nodes came before. */
  readonly since: number;
  /** The keys that were written, without those that were merged. */
  readonly keys: Set<string>;
  key: { readonly name: string; readonly offset: number; readonly merges: boolean } | undefined;
}

/** The offset at which a node begins, without its anchor and tag. */
export function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart === -1) return Math.max(event.tagStart, event.anchorStart - 1, 0);
    return event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
      ? event.valueStart - 1
      : event.valueStart;
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return 'start' in event ? event.start : 0;
}

/** The text of a key that is a scalar, as it is in the built object. Undefined if it merges. */
export function keyOf(event: ScalarEvent, text: string): string | undefined {
  const scalar = scalarOf(event, text);
  return isMergeKey(scalar) ? undefined : keyName(readScalar(scalar, 0), 0);
}

function scalarOf(event: ScalarEvent, text: string): Scalar {
  return {
    text: textOf(event, text),
    plain: event.style === SCALAR_STYLE.PLAIN,
    tag: event.tagStart === -1 ? '' : fullTag(text.slice(event.tagStart, event.tagEnd)),
  };
}

/** The text of a scalar, without quotes and escapes. */
export function textOf(event: ScalarEvent, text: string): string {
  if (event.style !== SCALAR_STYLE.DOUBLE_QUOTED || event.fast) return getScalarValue(text, event);
  // js-yaml drops the empty lines after a line break that a backslash hides. YAML keeps them.
  const raw = text.slice(event.valueStart, event.valueEnd);
  const kept = raw.replace(
    /(\\(?:\r\n|\r(?!\n)|\n))((?:[ \t]*(?:\r\n|\r(?!\n)|\n))+)|\\[^\r\n]/g,
    (escaped: string, hidden: string | undefined, empty: string | undefined) =>
      empty === undefined ? escaped : `${'\\n'.repeat(empty.match(/\r\n?|\n/g)?.length ?? 0)}${hidden}`,
  );
  return getScalarValue(kept, { ...event, valueStart: 0, valueEnd: kept.length });
}

function fullTag(tag: string): string {
  if (tag.startsWith('!!')) return `tag:yaml.org,2002:${tag.slice(2)}`;
  return tag.startsWith('!<') ? tag.slice(2, -1) : tag;
}

function readScalar(scalar: Scalar, offset: number): unknown {
  try {
    return resolveScalar(scalar);
  } catch (error) {
    throw new BuildError(error instanceof Error ? error.message : String(error), offset);
  }
}

function anchorOf(
  event: { readonly anchorStart: number; readonly anchorEnd: number },
  text: string,
): string | undefined {
  return event.anchorStart === -1 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
}

/** The text of a key. kubectl writes JSON, where every key is a text. */
function keyName(value: unknown, offset: number): string {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isNaN(value) ? '.nan' : String(value).replace('Infinity', '.inf');
  throw new BuildError(`a key cannot be ${value === null ? 'null' : 'a list or a mapping'}`, offset);
}

function merge(into: Record<string, unknown>, source: unknown, offset: number): void {
  // Of several mappings, the first one counts.
  const sources: readonly unknown[] = Array.isArray(source) ? source.toReversed() : [source];
  for (const one of sources) {
    if (!isObject(one)) throw new BuildError('<< can merge only mappings', offset);
    for (const [key, value] of Object.entries(one)) set(into, key, value);
  }
}

function set(object: Record<string, unknown>, key: string, value: unknown): void {
  // An assignment to this key would set the prototype.
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/**
 * go-yaml's bound (`allowedAliasRatio`): the larger the document, the smaller the part of aliases.
 */
function isExcessive(aliased: number, nodes: number): boolean {
  if (aliased <= 100 || nodes <= 1000) return false;
  const size = Math.min(Math.max((nodes - 400_000) / 3_600_000, 0), 1);
  return aliased / nodes > 0.99 - 0.89 * size;
}
