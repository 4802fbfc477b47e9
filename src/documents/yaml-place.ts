import { type Document, isAlias, isMap, isScalar, isSeq, type Pair } from 'yaml';
import type { Path } from './document.ts';

/** Where a path's key (or list item) begins in a parsed document; the nearest ancestor's offset where the path does not exist. */
export function locateYaml(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let found = offsetOf(node) ?? 0;
  for (const step of path) {
    // What an alias stands for is where its anchor is: there it can be changed.
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) return found;
      node = item;
      found = offsetOf(item) ?? found;
    } else {
      // The last of two equal keys is the one that holds. A key merged by `<<` is not here: its mapping's place will do.
      const pair = isMap(node) ? node.items.findLast((one) => keyText(one) === String(step)) : undefined;
      if (pair === undefined) return found;
      node = pair.value;
      found = offsetOf(pair.key) ?? found;
    }
  }
  return found;
}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] | null } | null | undefined)?.range?.[0];
}
