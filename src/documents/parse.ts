import { Composer, type Document, LineCounter, Parser, parseDocument, type Tags } from 'yaml';
import type { DocumentProblem, Loaded, LoadedDocument, Path, Place } from './document.ts';
import { flattenLists } from './list.ts';
import { elementOffsets, locateJson, locateYaml, valueOffset, writtenJson, writtenYaml } from './place.ts';

/**
 * Reads the text of a manifest: YAML documents separated by `---`, or one JSON value. Empty
 * documents are left out, and Lists are flattened. A document that is not YAML is a problem, and
 * the other documents are still read. Never throws.
 */
export function parseManifest(text: string, file: string): Loaded {
  if (/^\s*\{/.test(text)) {
    const read = parseJson(text);
    // If it is not JSON, it may be YAML in flow style.
    if (read !== undefined) return locateAll(read.value, text, file);
  }
  return parseYaml(text, file);
}

/**
 * The rules of kubectl (sigs.k8s.io/yaml): it has the booleans of YAML 1.1 (`expose: yes` is true,
 * hence not a valid label), but not its timestamps and base-60 numbers, which stay text.
 */
const yamlOptions = {
  version: '1.1',
  prettyErrors: false,
  logLevel: 'error',
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) =>
      typeof tag === 'string'
        ? !['timestamp', 'intTime', 'floatTime'].includes(tag)
        : tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME'),
    ),
} as const;

/**
 * How often an anchor may be used, multiplied by the aliases inside it. A chart of a thousand
 * objects may share one block of labels, but nested aliases grow exponentially.
 */
const maxAliasCount = 10_000;

const tooDeep = 'nested too deep to read';

function parseYaml(text: string, file: string): Loaded {
  const lines = new LineCounter();
  const documents: LoadedDocument[] = [];
  const problems: DocumentProblem[] = [];
  const trees = rememberTree(text);
  const at = (offset: number): Place => placeAt(lines, offset);
  try {
    const tokens = new Parser(lines.addNewLine).parse(text);
    // Only one document's tree exists at a time. It takes a hundred times the memory of its text,
    // and is made again when a position is needed.
    for (const tree of new Composer(yamlOptions).compose(tokens, false, text.length)) {
      const [start, , end] = tree.range;
      const broken = problemOf(tree, text.slice(start, end), file, at);
      if (broken !== undefined) problems.push(broken.problem);
      if (broken?.readable === false || tree.contents === null) continue;
      const read = readValue(tree);
      if ('failure' in read) problems.push({ file, ...at(start), message: read.failure });
      const value = 'failure' in read ? undefined : read.value;
      if (value === null || value === undefined) continue;
      const wrong = (path: Path, message: string): void => {
        problems.push({ file, ...at(locateYaml(tree, path)), message });
      };
      for (const { object, path } of flattenLists(value, wrong)) {
        const placeOf = (inner: Path): Place => {
          const again = trees(start, end);
          return at(start + locateYaml(again, [...path, ...inner]));
        };
        const writtenAt = (inner: Path): string | undefined => writtenYaml(trees(start, end), [...path, ...inner]);
        documents.push({ file, ...at(locateYaml(tree, path)), object, placeOf, writtenAt });
      }
    }
  } catch (error) {
    problems.push({ file, line: undefined, column: undefined, message: sayFailure(error) });
  }
  return { documents, problems };
}

/**
 * The problem of a document. If a key is written twice, the tree can still be judged. After any
 * other error the tree is not reliable.
 */
function problemOf(
  tree: Document.Parsed,
  text: string,
  file: string,
  at: (offset: number) => Place,
): { readonly problem: DocumentProblem; readonly readable: boolean } | undefined {
  // One mistake causes several errors, so the first one is reported. A duplicate key comes last, so
  // that it never hides another error.
  const error = tree.errors.find((one) => one.code !== 'DUPLICATE_KEY') ?? tree.errors[0];
  if (error === undefined) return undefined;
  const readable = error.code === 'DUPLICATE_KEY';
  const message = readable
    ? 'this key appears twice in its mapping'
    : error.code === 'RESOURCE_EXHAUSTION'
      ? tooDeep
      : sayError(error.message, text);
  return { problem: { file, ...at(error.pos[0]), message }, readable };
}

/**
 * The data of a document. An alias without an anchor, and aliases that expand without end, are only
 * found here.
 */
function readValue(tree: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    return { value: tree.toJS({ maxAliasCount }) };
  } catch (error) {
    return { failure: sayFailure(error) };
  }
}

/** Nesting that exceeds the stack is a RangeError. */
function sayFailure(error: unknown): string {
  return error instanceof RangeError ? tooDeep : sayError(String(error).replace(/^\w+: /, ''), '');
}

function sayError(message: string, text: string): string {
  const [first = ''] = message.split('\n');
  const template = text.includes('{{') ? ' (a template? check what `helm template` prints)' : '';
  return `not YAML: ${first}${template}`;
}

/**
 * Remembers the tree of the last document, so that many findings in one document need only one
 * parse.
 */
function rememberTree(text: string): (start: number, end: number) => Document {
  let last: { readonly start: number; readonly tree: Document } | undefined;
  return (start, end) => {
    if (last?.start !== start) last = { start, tree: parseDocument(text.slice(start, end), yamlOptions) };
    return last.tree;
  };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function locateAll(value: unknown, text: string, file: string): Loaded {
  const lines = countLines(text);
  const problems: DocumentProblem[] = [];
  const at = (offset: number): Place => placeAt(lines, offset);
  const wrong = (path: Path, message: string): void => {
    problems.push({ file, ...at(locateJson(text, 0, path)), message });
  };
  const starts = new Map<string, readonly number[]>();
  // All members of one List are located in one pass. One pass for each member would take quadratic
  // time.
  const startOf = (path: Path): number => {
    const last = path.at(-1);
    if (typeof last !== 'number') return locateJson(text, 0, path);
    const list = path.slice(0, -1);
    const key = JSON.stringify(list);
    const offsets = starts.get(key) ?? elementOffsets(text, valueOffset(text, 0, list) ?? 0);
    starts.set(key, offsets);
    return offsets[last] ?? 0;
  };
  const documents = flattenLists(value, wrong).map(({ object, path }): LoadedDocument => {
    const start = startOf(path);
    const placeOf = (inner: Path): Place => at(locateJson(text, start, inner));
    return { file, ...at(start), object, placeOf, writtenAt: (inner) => writtenJson(text, start, inner) };
  });
  return { documents, problems };
}

function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
