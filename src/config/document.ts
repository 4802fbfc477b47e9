import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Path, Position, Problem } from './problem.ts';

/** A YAML text as data that remembers where each part stood. */
export interface ConfigDocument {
  /** Plain data; undefined where the text holds nothing but comments, or is not YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the tree can be trusted enough to judge its content as well. */
  readonly readable: boolean;
  /** Where a path's key (or its value) begins; the nearest ancestor's place where the path does not exist. */
  positionOf(path: Path, part: 'key' | 'value'): Position;
  /** A scalar as it was written (`0755`, not 493), or undefined. */
  sourceOf(path: Path): string | undefined;
}

/** Reads one YAML 1.2 document. Never throws. */
export function readDocument(text: string, file: string): ConfigDocument {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = (problems: readonly Problem[]): ConfigDocument => ({
    value: undefined,
    problems,
    readable: false,
    positionOf: () => at(0),
    sourceOf: () => undefined,
  });
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const errors = [...document.errors, ...document.warnings];
    const exhausted = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
    if (exhausted !== undefined) return broken([{ file, position: at(exhausted.pos[0]), path: [], message: tooDeep }]);
    const problems: Problem[] = errors.map((error) => ({
      file,
      position: at(error.pos[0]),
      path: error.code === 'DUPLICATE_KEY' ? pathAt(document, error.pos[0]) : [],
      message: sayError(error.code, error.message),
    }));
    // A key written twice leaves a tree whose other parts can still be judged; after any other error the tree is a guess.
    const readable = errors.every((error) => error.code === 'DUPLICATE_KEY');
    problems.push(...findOddKeys(document, file, at));
    return {
      // The alias limit is the library's own guard against a text that unfolds without end.
      value: readable ? document.toJS() : undefined,
      problems,
      readable,
      positionOf: (path, part) => at(offsetOf(document, path, part)),
      sourceOf: (path) => {
        const node = walk(document, path).node;
        return isScalar(node) ? node.source : undefined;
      },
    };
  } catch (error) {
    // Nesting deeper than the stack, an alias to nothing, aliases that unfold without end: none of it can be located.
    const message = error instanceof RangeError ? tooDeep : sayError('', String(error).replace(/^\w+: /, ''));
    return broken([{ file, position: undefined, path: [], message }]);
  }
}

const tooDeep = 'nested too deep to read';

interface Found {
  readonly node: Node | null | undefined;
  readonly key: Node | undefined;
  readonly complete: boolean;
}

function walk(document: Document.Parsed, path: Path): Found {
  let node: unknown = document.contents;
  let key: Node | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyText(item) === String(step)) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    if (pair === undefined && next === undefined) return { node: node as Node, key, complete: false };
    key = pair === undefined ? undefined : (pair.key as Node);
    node = next ?? pair?.key;
  }
  return { node: node as Node, key, complete: true };
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  const { node, key, complete } = walk(document, path);
  const chosen = (part === 'key' || !complete) && key !== undefined ? key : node;
  return chosen?.range?.[0] ?? 0;
}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function pathAt(document: Document.Parsed, offset: number): Path {
  let found: Path = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      const key = pair.key;
      if (!isScalar(key) || key.range?.[0] !== offset) return undefined;
      const above = ancestors.flatMap((node) => (isPair(node) ? [keyText(node) ?? ''] : []));
      found = [...above, String(key.value)];
      return visit.BREAK;
    },
  });
  return found;
}

/** Keys that would turn into texts nobody wrote: `1:`, `true:`, `? [a, b]`. */
function findOddKeys(document: Document.Parsed, file: string, at: (offset: number) => Position): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair(_, pair) {
      const key = pair.key as Node;
      if (isScalar(key) && typeof key.value === 'string') return;
      const message = isScalar(key)
        ? `the key ${key.source ?? String(key.value)} is read as ${key.value === null ? 'null' : `a ${typeof key.value}`}; quote it`
        : 'a key must be a text';
      problems.push({ file, position: at(key?.range?.[0] ?? 0), path: [], message });
    },
  });
  return problems;
}

function sayError(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'appears twice in this mapping';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here ("---"); one file holds one configuration';
  const [first = ''] = message.split('\n');
  return `not YAML: ${first}`;
}
