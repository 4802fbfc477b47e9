import type { TaxonomyKey } from '../policy/taxonomy.ts';

/** An expression in CEL, the Common Expression Language, as the API server compiles it. */
export type Expression = string;

/**
 * A string literal. JSON's escapes are CEL's too, so that nothing a person writes into the configuration ends the literal; half of a surrogate
 * pair, which CEL cannot write, stands in no label.
 */
export function text(value: string): Expression {
  return JSON.stringify(value.toWellFormed());
}

/** A list of string literals. */
export function list(values: readonly string[]): Expression {
  return `[${values.map(text).join(', ')}]`;
}

/** Any JSON value of strings, whole numbers and booleans. `dyn` lets values of different types stand in one list or map, which CEL refuses without. */
export function literal(value: unknown): Expression {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((one) => `dyn(${literal(one)})`).join(', ')}]`;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.map(([key, one]) => `${text(key)}: dyn(${literal(one)})`).join(', ')}}`;
}

/** Whether a value, given as an expression, is in the vocabulary of a key: the same table, and the same anchored pattern, as the engine's. */
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
