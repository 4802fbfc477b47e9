import type { Requirement } from './selector.ts';

/**
 * The values that one label key may have: some texts (`negated` false) or all texts but some
 * (`negated` true), and whether the key may be absent. The intersection of two such sets is again
 * such a set, so a selector of any size becomes one set for each key.
 */
export interface ValueSet {
  readonly negated: boolean;
  readonly values: ReadonlySet<string>;
  readonly absent: boolean;
}

/** Any value, or no value. */
export const anyValue: ValueSet = { negated: true, values: new Set(), absent: true };

export function exactly(values: Iterable<string>, absent = false): ValueSet {
  return { negated: false, values: new Set(values), absent };
}

/**
 * The values that satisfy one requirement, as in apimachinery: NotIn holds if the key is absent.
 */
export function satisfying({ operator, values }: Requirement): ValueSet {
  switch (operator) {
    case 'In':
      return { negated: false, values, absent: false };
    case 'NotIn':
      return { negated: true, values, absent: true };
    case 'Exists':
      return { negated: true, values: new Set(), absent: false };
    case 'DoesNotExist':
      return { negated: false, values: new Set(), absent: true };
  }
}

/**
 * The values that satisfy all requirements on one key. The work is linear in the number of values,
 * however many requirements there are. Intersecting thousands of requirements one by one would copy
 * the remainder thousands of times.
 */
export function satisfyingAll(requirements: readonly Requirement[]): ValueSet {
  const excluded = new Set<string>();
  let only: ReadonlySet<string> | undefined;
  let absent = true;
  for (const { operator, values } of requirements) {
    if (operator === 'NotIn') {
      for (const value of values) excluded.add(value);
      continue;
    }
    if (operator === 'In') only = only?.intersection(values) ?? values;
    else if (operator === 'DoesNotExist') only = new Set();
    if (operator !== 'DoesNotExist') absent = false;
  }
  return only === undefined
    ? { negated: true, values: excluded, absent }
    : { negated: false, values: only.difference(excluded), absent };
}

export function intersect(a: ValueSet, b: ValueSet): ValueSet {
  // Most intersections are with `anyValue`: keys that a selector does not ask about, and namespaces
  // that are not governed.
  if (a === anyValue) return b;
  if (b === anyValue) return a;
  const absent = a.absent && b.absent;
  if (a.negated && b.negated) return { negated: true, values: a.values.union(b.values), absent };
  if (a.negated) return { negated: false, values: b.values.difference(a.values), absent };
  return {
    negated: false,
    values: b.negated ? a.values.difference(b.values) : a.values.intersection(b.values),
    absent,
  };
}

export function unite(a: ValueSet, b: ValueSet): ValueSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const absent = a.absent || b.absent;
  if (!a.negated && !b.negated) return { negated: false, values: a.values.union(b.values), absent };
  if (a.negated && b.negated) return { negated: true, values: a.values.intersection(b.values), absent };
  const [cofinite, finite] = a.negated ? [a, b] : [b, a];
  return { negated: true, values: cofinite.values.difference(finite.values), absent };
}

/** Whether no value, and not even an absent key, satisfies the set. */
export function isEmpty(set: ValueSet): boolean {
  return !set.negated && set.values.size === 0 && !set.absent;
}

export function holds(set: ValueSet, value: string): boolean {
  return set.values.has(value) !== set.negated;
}

/** Whether the set holds some value that is not among the given ones. */
export function holdsOther(set: ValueSet, known: readonly string[]): boolean {
  if (set.negated) return true;
  for (const value of set.values) if (!known.includes(value)) return true;
  return false;
}
