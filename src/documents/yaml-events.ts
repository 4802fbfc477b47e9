import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { offsetOf } from './yaml-value.ts';

/** A YAML document as the parser sees it. The offsets of its events are in `text`. */
export interface ParsedYaml {
  readonly events: readonly Event[];
  /** The text, mended: see {@link parseYaml}. */
  readonly text: string;
  /** The offset in the given text of an offset in the mended text. */
  given(offset: number): number;
  /** The offset in the given text where kubectl stops reading. Undefined if it reads all of it. */
  readonly stop: number | undefined;
}

/** A text that is not YAML: where, and a clause for people. */
export class YamlError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Parses one YAML document as kubectl does. Between brackets and quotes, libyaml does not ask for
 * indentation, but our parser does. So lines that lack it get it here. Of what is no part of the
 * first document, kubectl reads nothing and says nothing. Throws {@link YamlError}.
 */
export function parseYaml(given: string): ParsedYaml {
  let text = given;
  const mends = new Mends(given);
  for (;;) {
    try {
      return { ...firstDocument(parseEvents(text, options), mends.given), text, given: mends.given };
    } catch (error) {
      const { reason, offset } = readError(error);
      if (reason === deficient) {
        const mended = mends.mend(text, offset);
        if (mended === undefined) throw new YamlError(reason, mends.given(offset));
        text = mended;
      } else if (reason === trailing && offset > 0) {
        return { ...parseYaml(given.slice(0, mends.given(offset))), stop: mends.given(offset) };
      } else throw new YamlError(tooDeep.test(reason) ? 'nested too deep to read' : reason, mends.given(offset));
    }
  }
}

function firstDocument(
  events: readonly Event[],
  given: (offset: number) => number,
): Pick<ParsedYaml, 'events' | 'stop'> {
  const second = events.findIndex(({ type }, index) => type === EVENT_ID.DOCUMENT && index > 0);
  const content = second === -1 ? undefined : events[second + 1];
  const isEmpty = content === undefined || (content.type === EVENT_ID.SCALAR && content.valueStart === -1);
  return {
    events: second === -1 ? events : events.slice(0, second),
    stop: isEmpty ? undefined : given(offsetOf(content)),
  };
}

/** kubectl's bound is 10,000, which would exhaust the stack here. Nobody nests as deep as this. */
const options = { maxDepth: 1000 };

const deficient = 'deficient indentation';
const trailing = 'end of the stream or a document separator is expected';
const tooDeep = /^nesting exceeded/;

function readError(error: unknown): { readonly reason: string; readonly offset: number } {
  if (error instanceof YAMLException) return { reason: error.reason, offset: error.mark?.position ?? 0 };
  // Nesting can exceed the stack before it exceeds the bound.
  if (error instanceof RangeError) return { reason: 'nested too deep to read', offset: 0 };
  throw error;
}

/** The lines that got more indentation, all of them the same. */
class Mends {
  readonly #given: string;
  #width = 0;
  /** The characters that were parsed again. */
  #work = 0;
  /** The offsets of the mended lines in the mended text, sorted. */
  #lines: readonly number[] = [];

  constructor(given: string) {
    this.#given = given;
  }

  readonly given = (offset: number): number => {
    const before = this.#lines.findIndex((line) => line >= offset);
    return offset - this.#width * (before === -1 ? this.#lines.length : before);
  };

  /** Indents the line of an offset and what follows it inside its quotes or brackets. */
  mend(text: string, offset: number): string | undefined {
    const start = lineStart(text, offset);
    this.#work += text.length;
    if (this.#lines.includes(start) || this.#work > workLimit) return undefined;
    this.#width ||= widthOf(this.#given);
    const end = endOfConstruct(text, start);
    const starts: number[] = [];
    for (let line = start; line <= end; line = nextLine(text, line)) {
      if (!this.#lines.includes(line)) starts.push(line);
      if (nextLine(text, line) === text.length) break;
    }
    return this.#insert(text, starts);
  }

  #insert(text: string, starts: readonly number[]): string {
    const pad = ' '.repeat(this.#width);
    const pieces: string[] = [];
    const moved = (line: number): number => line + this.#width * starts.filter((one) => one < line).length;
    let from = 0;
    for (const start of starts) {
      pieces.push(text.slice(from, start), pad);
      from = start;
    }
    this.#lines = [...this.#lines, ...starts].map(moved).sort((a, b) => a - b);
    return pieces.join('') + text.slice(from);
  }
}

/** Each mend parses the document again. This much takes some ten seconds. */
const workLimit = 200_000_000;

/** No node can need more than the longest row of indentation and indicators. */
function widthOf(text: string): number {
  let longest = 0;
  for (const [row] of text.matchAll(/^[-?: ]+/gm)) longest = Math.max(longest, row.length);
  return longest + 2;
}

/** The end of the quoted text or the collection in brackets that goes on at an offset. */
function endOfConstruct(text: string, offset: number): number {
  // The parser says what is open at the end of a text, if that is no line that lacks indentation.
  let open = '';
  try {
    parseEvents(text.slice(0, offset).trimEnd(), options);
  } catch (error) {
    open = readError(error).reason;
  }
  if (open.includes('single quoted')) return endOf(/(?:[^']|'')*'/y, text, offset);
  if (open.includes('double quoted')) return endOf(/(?:[^"\\]|\\[\s\S])*"/y, text, offset);
  return endOfCollection(text, offset);
}

function endOfCollection(text: string, offset: number): number {
  let depth = 0;
  const tokens = /(?<=[\s,:[{])(?:'(?:[^']|'')*'|"(?:[^"\\]|\\[\s\S])*"|#[^\r\n]*)|[[\]{}]/g;
  tokens.lastIndex = offset;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (/[[{]/.test(token[0].charAt(0))) depth += 1;
    else if (/[\]}]/.test(token[0].charAt(0))) depth -= 1;
    if (depth < 0) return token.index;
  }
  return offset;
}

function endOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex - 1 : offset;
}

function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

/** The length of the text after the last line. */
function nextLine(text: string, offset: number): number {
  const end = /\r\n?|\n/g;
  end.lastIndex = offset;
  return end.test(text) ? end.lastIndex : text.length;
}
