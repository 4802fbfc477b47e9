// Insertion points in the text of a manifest. The manifest stays as it is written, with its
// comments; only the values that the chart sets are replaced by what Helm fills in.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar } from 'yaml';

/** The way to a value: `KIND/NAME` of the object, then keys and positions. */
export type Way = readonly [object: string, ...(string | number)[]];

/** One change of a manifest's text. Lines have no indentation; they get that of their place. */
export type Insertion =
  /** Replaces the value by an expression on the same line. */
  | { readonly at: Way; readonly value: string }
  /** Replaces the value by the YAML of a value of the chart. */
  | { readonly at: Way; readonly yaml: string }
  /** Replaces the value by lines below the key. */
  | { readonly at: Way; readonly lines: readonly string[] }
  /** Adds lines after the pair. */
  | { readonly after: Way; readonly lines: readonly string[] }
  /** Puts the pair between two lines. */
  | { readonly around: Way; readonly open: string }
  /** Puts what stands between two lines of the text, the first included, between two others. */
  | { readonly between: readonly [first: string, after: string]; readonly open: string };

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Returns the text with the insertions. Throws if a way leads nowhere. */
export function insert(text: string, insertions: readonly Insertion[]): string {
  const documents = objectsIn(text);
  const changes = insertions.flatMap((insertion) => changesOf(text, documents, insertion));
  // From the end, so that offsets stay true. Several changes at one place keep their order.
  return changes
    .reverse()
    .sort((a, b) => b.from - a.from)
    .reduce((done, { from, to, text: put }) => done.slice(0, from) + put + done.slice(to), text);
}

interface Place {
  readonly name: string;
  readonly root: Node;
}

function objectsIn(text: string): readonly Place[] {
  return parseAllDocuments(text).map((document) => {
    const { kind, metadata } = document.toJS() as { kind: string; metadata: { name: string } };
    return { name: `${kind}/${metadata.name}`, root: document.contents as Node };
  });
}

function changesOf(text: string, places: readonly Place[], insertion: Insertion): readonly Change[] {
  if ('between' in insertion) {
    const [from, to] = insertion.between.map((line) => text.indexOf(`\n${line}\n`) + 1);
    if (from === undefined || to === undefined || from === 0 || to <= from)
      throw new Error(`no lines ${insertion.between.join(' … ')}`);
    return [at(from, `${insertion.open}\n`), at(to, '{{- end }}\n')];
  }
  const way = 'at' in insertion ? insertion.at : 'after' in insertion ? insertion.after : insertion.around;
  const { key, value } = pairAt(places, way);
  const [start] = rangeOf(key);
  const begin = text.lastIndexOf('\n', start) + 1;
  const column = start - begin;
  const indent = ' '.repeat(column);
  const [from, last] = rangeOf(value);
  const end = text.indexOf('\n', text.slice(0, last).trimEnd().length) + 1;
  const below = (lines: readonly string[], by: string) => lines.map((line) => `${by}${line}\n`).join('');
  if ('around' in insertion) return [at(begin, `${indent}${insertion.open}\n`), at(end, `${indent}{{- end }}\n`)];
  if ('after' in insertion) return [at(end, below(insertion.lines, indent))];
  if ('value' in insertion) return [{ from, to: last, text: insertion.value }];
  const afterKey = text.indexOf(':', rangeOf(key)[1]) + 1;
  const lines = 'yaml' in insertion ? [`{{- toYaml ${insertion.yaml} | nindent ${column + 2} }}`] : insertion.lines;
  return [{ from: afterKey, to: end, text: `\n${below(lines, `${indent}  `)}` }];
}

function at(offset: number, text: string): Change {
  return { from: offset, to: offset, text };
}

function placeOf(places: readonly Place[], name: string): Place {
  const found = places.find((place) => place.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${places.map((place) => place.name).join(', ')}`);
  return found;
}

function pairAt(places: readonly Place[], [object, ...steps]: Way): { readonly key: Scalar; readonly value: Node } {
  let value: Node = placeOf(places, object).root;
  let key: Scalar | undefined;
  for (const step of steps) {
    if (typeof step === 'number' && isSeq(value)) value = value.items[step] as Node;
    else if (isMap(value)) {
      const pair = value.items.find((item) => isScalar(item.key) && item.key.value === step) as
        | Pair<Scalar, Node>
        | undefined;
      if (pair === undefined || pair.value === null) throw new Error(`${object} has no ${steps.join('.')}`);
      ({ key, value } = { key: pair.key, value: pair.value });
    } else throw new Error(`${object} has no ${steps.join('.')}`);
  }
  if (key === undefined || isAlias(value)) throw new Error(`${object}: ${steps.join('.')} is no value of its own`);
  return { key, value };
}

function rangeOf(node: Node): readonly [number, number] {
  if (node.range === undefined || node.range === null) throw new Error('a node without a place');
  return [node.range[0], node.range[1]];
}
