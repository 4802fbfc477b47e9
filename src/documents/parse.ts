import { Composer, type Document, LineCounter, Parser, parseDocument, type Tags } from 'yaml';
import type { DocumentProblem, Loaded, LoadedDocument, Path, Place } from './document.ts';
import { flattenLists } from './list.ts';
import { elementOffsets, locateJson, locateYaml, valueOffset } from './place.ts';

/**
 * Reads the text of a manifest: YAML documents parted by `---`, or one JSON value. Empty documents
 * are left out, Lists flattened. What is not YAML is a problem of its document; the others of the
 * text are read all the same. Never throws.
 */
export function parseManifest(text: string, file: string): Loaded {
  if (/^\s*\{/.test(text)) {
    const read = parseJson(text);
    // Else it may still be YAML in flow style.
    if (read !== undefined) return locateAll(read.value, text, file);
  }
  return parseYaml(text, file);
}

/**
 * As kubectl reads it (sigs.k8s.io/yaml): the booleans of YAML 1.1 (`expose: yes` is true, hence no
 * label), but neither its timestamps nor its base-60 numbers, which stay text.
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
 * How often an anchor may be used, counted with what it holds: a chart of a thousand objects may
 * share one block of labels, a bomb doubles.
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
    // One document at a time: its tree is a hundred times its text, and is made again where a place
    // is asked for.
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
        documents.push({ file, ...at(locateYaml(tree, path)), object, placeOf });
      }
    }
  } catch (error) {
    problems.push({ file, line: undefined, column: undefined, message: sayFailure(error) });
  }
  return { documents, problems };
}

/**
 * What is wrong with a document. A key written twice leaves a tree that can be judged; after any
 * other error the tree is a guess.
 */
function problemOf(
  tree: Document.Parsed,
  text: string,
  file: string,
  at: (offset: number) => Place,
): { readonly problem: DocumentProblem; readonly readable: boolean } | undefined {
  // One mistake has many consequences: the first error is the one to mend, but a mere double key
  // never hides another.
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
 * The data of a document. An alias to nothing, and aliases that unfold without end, are found only
 * here.
 */
function readValue(tree: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    return { value: tree.toJS({ maxAliasCount }) };
  } catch (error) {
    return { failure: sayFailure(error) };
  }
}

/** Nesting deeper than the stack is a RangeError. */
function sayFailure(error: unknown): string {
  return error instanceof RangeError ? tooDeep : sayError(String(error).replace(/^\w+: /, ''), '');
}

function sayError(message: string, text: string): string {
  const [first = ''] = message.split('\n');
  const template = text.includes('{{') ? ' (a template? check what `helm template` prints)' : '';
  return `not YAML: ${first}${template}`;
}

/**
 * The tree of the document that was asked for last; with many findings in one document it is made
 * once.
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
  // The members of one List are found in one pass: one pass for each would be quadratic.
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
    return { file, ...at(start), object, placeOf: (inner) => at(locateJson(text, start, inner)) };
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
