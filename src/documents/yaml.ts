import type { ReadFailure, ReadValue } from './read-value.ts';
import { type ParsedYaml, parseYaml, YamlError } from './yaml-events.ts';
import { YamlPlaces } from './yaml-place.ts';
import { BuildError, buildValue } from './yaml-value.ts';

/**
 * The YAML documents of a text from an offset on. kubectl splits a text at each line that begins
 * with `---` before it reads the documents (apimachinery's `YAMLReader`), also inside quotes.
 */
export function* readYamlDocuments(text: string, offset: number): Generator<ReadValue | ReadFailure> {
  const places = new Map<number, Places>();
  for (const { start, end } of splitDocuments(text, offset)) {
    // Only one document's events exist at a time. They take ten times the memory of its text, and
    // are made again when a position is needed.
    places.clear();
    yield* readDocument(text, start, end, places);
  }
  places.clear();
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** A document's places, and the offsets of the text that they are in. */
interface Places {
  readonly places: YamlPlaces;
  given(offset: number): number;
}

function* readDocument(
  text: string,
  start: number,
  end: number,
  places: Map<number, Places>,
): Generator<ReadValue | ReadFailure> {
  if (end - start > documentLimit) {
    yield { message: tooLong, offset: start };
    return;
  }
  const given = text.slice(start, end);
  try {
    const parsed = parseYaml(given);
    const { value, duplicate } = buildValue(parsed.events, parsed.text);
    if (duplicate !== undefined) yield { message: twice, offset: start + parsed.given(duplicate) };
    if (parsed.stop !== undefined) yield { message: stopped, offset: start + parsed.stop };
    places.set(start, placesOf(parsed));
    const find = (): Places => {
      const known = places.get(start);
      if (known !== undefined) return known;
      // Many findings in one document need only one parse.
      const again = placesOf(parseYaml(given));
      places.clear();
      places.set(start, again);
      return again;
    };
    yield {
      value,
      locate: (path, inner) => start + find().given(find().places.locate([...path, ...inner])),
      written: (path, inner) => find().places.written([...path, ...inner]),
    };
  } catch (error) {
    if (!(error instanceof YamlError || error instanceof BuildError)) throw error;
    yield { message: sayError(error.message, given), offset: start + error.offset };
  }
}

function placesOf(parsed: ParsedYaml): Places {
  return { places: new YamlPlaces(parsed), given: parsed.given };
}

/** The parts of a text that may hold a document. Some hold only comments. */
function* splitDocuments(text: string, offset: number): Generator<Part> {
  let start = offset;
  const separator = /(?<![^\n])---(?=[ \t\r\n#]|$)/g;
  separator.lastIndex = offset;
  for (let found = separator.exec(text); found !== null; found = separator.exec(text)) {
    if (hasContent(text, start, found.index)) yield { start, end: found.index };
    start = found.index;
  }
  if (hasContent(text, start, text.length)) yield { start, end: text.length };
}

/** Whether a part has more than blank lines, comments, directives and its separator. */
function hasContent(text: string, start: number, end: number): boolean {
  const content = /^(?!---[ \t]*(?:#.*)?\r?$)[ \t]*[^ \t\r\n#%]/gm;
  content.lastIndex = start;
  const found = content.exec(text);
  return found !== null && found.index < end;
}

/** Room for the largest List that people save; events of more would exhaust the memory. */
const documentLimit = 33_554_432;
const tooLong = 'holds a YAML document of more than 32 MiB; JSON has no such limit (kubectl get -o json)';
const twice = 'this key appears twice in its mapping';
const stopped =
  'kubectl stops reading here and says nothing: separate documents by ---, and indent like the first line';

function sayError(message: string, text: string): string {
  const template = /\{\{|\{%/.test(text) ? ' (a template? check what `helm template` prints)' : '';
  return `not YAML: ${message}${template}`;
}
