import { type Document, isPair, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Path, Place } from '../documents/document.ts';
import { findNode, keyText, locateYaml } from '../documents/place.ts';
import type { Problem } from '../documents/problem.ts';

/** A YAML text as data, with the place of each part. */
export interface ConfigDocument {
  /** Plain data; null for a text without content, and undefined if the text is not YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the tree is reliable enough to judge its content. */
  readonly readable: boolean;
  /**
   * Returns where the key or the value of a path begins. If the path does not exist, it is the
   * place of the nearest ancestor.
   */
  positionOf(path: Path, part: 'key' | 'value'): Place;
  /** Returns a scalar as it was written (`0755`, not 493); undefined if it is not a scalar. */
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
    // After a duplicate key, the other parts of the tree can still be judged. After any other error
    // the tree is unreliable.
    const readable = errors.every((error) => error.code === 'DUPLICATE_KEY');
    problems.push(...findOddKeys(document, file, at));
    return {
      // The library's limit on aliases protects against a text that expands without end.
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
    // Too deep nesting, an alias to nothing and aliases that expand without end have no place.
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

/** Finds keys that are not strings: `1:`, `true:`, `? [a, b]`. */
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
