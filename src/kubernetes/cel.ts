/** An expression in CEL, the Common Expression Language, as the API server compiles it. */
export type Expression = string;

/**
 * A string literal. CEL understands JSON's escapes, so no value of the configuration can end the
 * literal. Half of a surrogate pair becomes U+FFFD: CEL cannot write it, and no label contains one.
 */
export function text(value: string): Expression {
  return JSON.stringify(value.toWellFormed());
}

/** A list of string literals. */
export function list(values: readonly string[]): Expression {
  return `[${values.map(text).join(', ')}]`;
}

/**
 * A literal for any JSON value that consists of strings, whole numbers and booleans. CEL refuses
 * values of different types in one list or map unless `dyn` wraps them.
 */
export function literal(value: unknown): Expression {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((one) => `dyn(${literal(one)})`).join(', ')}]`;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.map(([key, one]) => `${text(key)}: dyn(${literal(one)})`).join(', ')}}`;
}
