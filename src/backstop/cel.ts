import { type Expression, list, text } from '../kubernetes/cel.ts';
import type { TaxonomyKey } from '../policy/taxonomy.ts';

/**
 * Tests whether a value is in the vocabulary of a key, with the same list or anchored pattern as
 * the engine.
 */
export function isAllowed(key: TaxonomyKey, value: Expression): Expression {
  if (key.values !== undefined) return `${value} in ${list(key.values)}`;
  return key.pattern === undefined ? 'true' : `${value}.matches(${text(anchor(key.pattern.source))})`;
}

/** Anchors a pattern so that the whole value must match. CEL's `matches` also finds a part. */
function anchor(source: string): string {
  // \Q quotes up to \E or to the end of the pattern. An open \Q would also quote the anchor.
  const isOpen = source.replace(/\\Q[\s\S]*?\\E|\\[^Q]/g, '').includes('\\Q');
  return `^(?:${source}${isOpen ? '\\E' : ''})$`;
}
