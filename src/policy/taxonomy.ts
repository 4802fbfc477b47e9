import type { Labels } from '../kubernetes/labels.ts';

/**
 * Selects the list of required labels for an object. The pod template of a workload has the role of
 * the Pods that it makes.
 */
export type Role = 'Namespace' | 'Pod' | 'NetworkPolicy';

/** A label key that carries identity, with its allowed values: a list or an anchored pattern. */
export interface TaxonomyKey {
  readonly key: string;
  /** The allowed values, in the order for messages; undefined if `pattern` decides. */
  readonly values: readonly string[] | undefined;
  readonly pattern: ValuePattern | undefined;
  /** The pattern in words, which messages print instead of the expression: "a DNS label". */
  readonly patternText: string | undefined;
  /** Whether the value on a Pod, pod template or NetworkPolicy must be that of its namespace. */
  readonly agrees: boolean;
  /** The text for a missing label: `"true" if the outside may reach it, else "false"`. */
  readonly hint: string | undefined;
  /** The value that a fix proposes if it has no better one. */
  readonly suggest: string | undefined;
}

/**
 * A test of whole values. The code that builds it must anchor it and ensure that it takes linear
 * time. A RegExp has this type.
 */
export interface ValuePattern {
  /** The expression as it was written. */
  readonly source: string;
  test(value: string): boolean;
}

/** The label keys that carry identity, and those that each role must have. */
export interface Taxonomy {
  readonly keys: ReadonlyMap<string, TaxonomyKey>;
  readonly required: Readonly<Record<Role, readonly string[]>>;
}

/** Whether a value is in the vocabulary of its key. */
export function isAllowedValue(key: TaxonomyKey, value: string): boolean {
  return key.values !== undefined ? key.values.includes(value) : key.pattern === undefined || key.pattern.test(value);
}

/**
 * Returns the label keys whose change can change a verdict. Checks read `expose` and `internal`
 * even if the taxonomy does not have them.
 */
export function judgedKeys({ keys }: Taxonomy): readonly string[] {
  return [...new Set([...keys.keys(), 'expose', 'internal'])];
}

/**
 * Returns the value that a missing label may get without its author: a suggested `"false"`, because
 * every check reads a missing label as `"false"`. Any other value would claim something, and a
 * label that must agree with the namespace gets its value from there.
 */
export function safeDefaultOf({ agrees, suggest }: TaxonomyKey): string | undefined {
  return !agrees && suggest === 'false' ? suggest : undefined;
}

/** Returns the identity labels among labels: those whose key the taxonomy has. */
export function identityLabels(labels: Labels, taxonomy: Taxonomy): Labels {
  return new Map(
    [...taxonomy.keys.keys()].flatMap((key) => {
      const value = labels.get(key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}
