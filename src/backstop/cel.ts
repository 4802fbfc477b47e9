import { type Expression, list, text } from '../kubernetes/cel.ts';
import type { TaxonomyKey } from '../policy/taxonomy.ts';

/**
 * Whether a value, given as an expression, is in the vocabulary of a key: the same table, and the
 * same anchored pattern, as the engine's.
 */
export function isAllowed(key: TaxonomyKey, value: Expression): Expression {
  if (key.values !== undefined) return `${value} in ${list(key.values)}`;
  return key.pattern === undefined ? 'true' : `${value}.matches(${text(anchor(key.pattern.source))})`;
}

/** A pattern that only whole values match: CEL's `matches` looks for it anywhere. */
function anchor(source: string): string {
  // \Q quotes up to \E, or to the end: without this it would quote our own end as well.
  const isOpen = source.replace(/\\Q[\s\S]*?\\E|\\[^Q]/g, '').includes('\\Q');
  return `^(?:${source}${isOpen ? '\\E' : ''})$`;
}
