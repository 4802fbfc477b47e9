import { type Document, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Path, Place } from '../documents/document.ts';
import { findNode, keyText, locateYaml } from '../documents/place.ts';
import type { Problem } from '../documents/problem.ts';

/** A YAML text as data that remembers where each part stood. */
export interface ConfigDocument {
  /** Plain data; undefined where the text holds nothing but comments, or is not YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the tree can be trusted enough to judge its content as well. */
  readonly readable: boolean;
  /**
   * Where a path's key (or its value) begins; the nearest ancestor's place where the path does not
   * exist.
   */
  positionOf(path: Path, part: 'key' | 'value'): Place;
  /** A scalar as it was written (`0755`, not 493), or undefined. */
  sourceOf(path: Path): string | undefined;
}

/** Reads one YAML 1.2 document. Never throws. */
export function readDocument(text: string, file: string): ConfigDocument {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
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
    // A key written twice leaves a tree whose other parts can still be judged; after any other
    // error the tree is a guess.
    const readable = errors.every((error) => error.code === 'DUPLICATE_KEY');
    problems.push(...findOddKeys(document, file, at));
    return {
      // The alias limit is the library's own guard against a text that unfolds without end.
      value: readable ? document.toJS() : undefined,
      problems,
      readable,
      positionOf: (path, part) => at(locateYaml(document, path, part)),
      sourceOf: (path) => {
        const { node } = findNode(document, path);
        return isScalar(node) ? node.source : undefined;
      },
    };
  } catch (error) {
    // Nesting deeper than the stack, an alias to nothing, aliases that unfold without end: none of
    // it can be located.
    const message = error instanceof RangeError ? tooDeep : sayError('', String(error).replace(/^\w+: /, ''));
    return broken([{ file, position: undefined, path: [], message }]);
  }
}

const tooDeep = 'nested too deep to read';

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
function findOddKeys(document: Document.Parsed, file: string, at: (offset: number) => Place): Problem[] {
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
