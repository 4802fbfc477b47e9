import type { Labels } from '../kubernetes/labels.ts';

/**
 * By which of the three required-label lists an object is judged: a workload's pod template is
 * judged as the Pod it makes.
 */
export type Role = 'Namespace' | 'Pod' | 'NetworkPolicy';

/**
 * One label key that carries identity, and the values it may take: a list, or an anchored pattern.
 */
export interface TaxonomyKey {
  readonly key: string;
  /** The allowed values in the order to print them, or undefined where `pattern` decides. */
  readonly values: readonly string[] | undefined;
  readonly pattern: ValuePattern | undefined;
  /** The pattern in words, printed instead of the expression: "a DNS label". */
  readonly patternText: string | undefined;
  /** Whether a Pod's (template's, NetworkPolicy's) value must be its namespace's. */
  readonly agrees: boolean;
  /** What to say when it is missing: `"true" if the outside may reach it, else "false"`. */
  readonly hint: string | undefined;
  /** The value a fix proposes when nothing better is known. */
  readonly suggest: string | undefined;
}

/**
 * A test of whole values, anchored and linear in time by the one who builds it; a RegExp satisfies
 * it.
 */
export interface ValuePattern {
  /** The expression as it was written, to be printed where no words were given for it. */
  readonly source: string;
  test(value: string): boolean;
}

/** The label keys that carry identity, and which of them each role must have. */
export interface Taxonomy {
  readonly keys: ReadonlyMap<string, TaxonomyKey>;
  readonly required: Readonly<Record<Role, readonly string[]>>;
}

/** Whether a value is in the vocabulary of its key. */
export function isAllowedValue(key: TaxonomyKey, value: string): boolean {
  return key.values !== undefined ? key.values.includes(value) : key.pattern === undefined || key.pattern.test(value);
}

/**
 * The label keys whose change can change a verdict. Checks read `expose` and `internal` whether or
 * not the taxonomy has them.
 */
export function judgedKeys({ keys }: Taxonomy): readonly string[] {
  return [...new Set([...keys.keys(), 'expose', 'internal'])];
}

/**
 * The value that a missing label may be given without asking its author: a suggested `"false"`,
 * because every check reads a missing label as `"false"`. A label that must agree with its
 * namespace is the namespace's to say, and any other value would claim something.
 */
export function safeDefaultOf({ agrees, suggest }: TaxonomyKey): string | undefined {
  return !agrees && suggest === 'false' ? suggest : undefined;
}

/** The identity labels among an object's labels: those whose key the taxonomy has. */
export function identityLabels(labels: Labels, taxonomy: Taxonomy): Labels {
  return new Map(
    [...taxonomy.keys.keys()].flatMap((key) => {
      const value = labels.get(key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}
