import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { Path } from './document.ts';
import type { ParsedYaml } from './yaml-events.ts';
import { keyOf, offsetOf, textOf } from './yaml-value.ts';

/**
 * Finds the offsets of paths in a parsed document, in its mended text. An alias leads to its
 * anchor, because the value can be changed there. If a mapping has equal keys, the last one is
 * found, whose value counts.
 */
export class YamlPlaces {
  readonly #events: readonly Event[];
  readonly #text: string;
  /** For each event the index after its node. */
  readonly #ends: Uint32Array;
  /** The indexes of the members of the collections that were searched. */
  readonly #members = new Map<number, readonly number[]>();

  constructor({ events, text }: Pick<ParsedYaml, 'events' | 'text'>) {
    this.#events = events;
    this.#text = text;
    this.#ends = endsOf(events);
  }

  /** If the path does not exist, the offset of its nearest ancestor's key (or list item). */
  locate(path: Path): number {
    return this.#walk(path).offset;
  }

  /** The scalar at a path, without quotes. Undefined if the path has none. */
  written(path: Path): string | undefined {
    const { node, isComplete } = this.#walk(path);
    const event = this.#events[this.#follow(node)];
    return isComplete && event?.type === EVENT_ID.SCALAR ? textOf(event, this.#text) : undefined;
  }

  #walk(path: Path): { readonly node: number; readonly offset: number; readonly isComplete: boolean } {
    // The first event is that of the document.
    let node = 1;
    let offset = this.#offset(node) ?? 0;
    for (const step of path) {
      node = this.#follow(node);
      const member = this.#find(node, step);
      if (member === undefined) return { node, offset, isComplete: false };
      offset = this.#offset(member) ?? offset;
      node = this.#events[node]?.type === EVENT_ID.MAPPING ? (this.#ends[member] ?? member) : member;
    }
    return { node, offset, isComplete: true };
  }

  /** Undefined for a value that is not written: `a:`. */
  #offset(index: number): number | undefined {
    const event = this.#events[index];
    const isEmpty =
      event?.type === EVENT_ID.SCALAR && Math.max(event.valueStart, event.tagStart, event.anchorStart) < 0;
    if (event === undefined || isEmpty) return undefined;
    return isBlock(event) ? headerOf(this.#text, event.valueStart) : offsetOf(event);
  }

  /** The index of a list item, or of a member's key. A key that `<<` merges is not found. */
  #find(node: number, step: string | number): number | undefined {
    const type = this.#events[node]?.type;
    if (type === EVENT_ID.SEQUENCE) return this.#membersOf(node)[Number(step)];
    if (type !== EVENT_ID.MAPPING) return undefined;
    return this.#membersOf(node).findLast((member, place) => place % 2 === 0 && this.#key(member) === String(step));
  }

  #key(index: number): string | undefined {
    const event = this.#events[this.#follow(index)];
    return event?.type === EVENT_ID.SCALAR ? keyOf(event, this.#text) : undefined;
  }

  #follow(index: number): number {
    const event = this.#events[index];
    if (event?.type !== EVENT_ID.ALIAS) return index;
    const name = this.#text.slice(event.anchorStart, event.anchorEnd);
    return this.#events.findLastIndex(
      (other, place) =>
        place < index &&
        'anchorStart' in other &&
        other.type !== EVENT_ID.ALIAS &&
        other.anchorStart !== -1 &&
        this.#text.slice(other.anchorStart, other.anchorEnd) === name,
    );
  }

  #membersOf(node: number): readonly number[] {
    const known = this.#members.get(node);
    if (known !== undefined) return known;
    const members: number[] = [];
    // The last event of a collection closes it.
    const end = (this.#ends[node] ?? 0) - 1;
    for (let member = node + 1; member < end; member = this.#ends[member] ?? end) members.push(member);
    this.#members.set(node, members);
    return members;
  }
}

function endsOf(events: readonly Event[]): Uint32Array {
  const ends = new Uint32Array(events.length);
  const open: number[] = [];
  events.forEach(({ type }, index) => {
    if (type === EVENT_ID.DOCUMENT || type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) open.push(index);
    else if (type === EVENT_ID.POP) ends[open.pop() ?? index] = index + 1;
    ends[index] ||= index + 1;
  });
  return ends;
}

function isBlock(event: Event): event is ScalarEvent {
  return (
    event.type === EVENT_ID.SCALAR &&
    (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK)
  );
}

/** The offset of the `|` or `>` before the lines of a block. */
function headerOf(text: string, lines: number): number {
  const before = text.slice(0, lines).trimEnd();
  const start = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  return start + Math.max(before.slice(start).search(/[|>][-+\d]*(?:[ \t]+#.*)?$/), 0);
}
