import type { Requirement } from './selector.ts';

/**
 * Which values one label key may have: some texts (`negated` false) or all texts but some
 * (`negated` true), and whether it may be absent. Closed under intersection, so that a selector of
 * any size comes down to one set for each key.
 */
export interface ValueSet {
  readonly negated: boolean;
  readonly values: ReadonlySet<string>;
  readonly absent: boolean;
}

/** Any value, or none at all. */
export const anyValue: ValueSet = { negated: true, values: new Set(), absent: true };

/** Exactly these values. */
export function exactly(values: Iterable<string>, absent = false): ValueSet {
  return { negated: false, values: new Set(values), absent };
}

/** What satisfies one requirement, as apimachinery has it: NotIn holds where the key is absent. */
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
 * What satisfies all requirements on one key. Linear in their values, however many requirements
 * there are: intersected one by one, thousands of them would copy what is left thousands of times.
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
  // What is not asked for, and a namespace that nobody governs, say nothing: most intersections.
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

/** Whether nothing satisfies it. */
export function isEmpty(set: ValueSet): boolean {
  return !set.negated && set.values.size === 0 && !set.absent;
}

/** Whether it holds a value. */
export function holds(set: ValueSet, value: string): boolean {
  return set.values.has(value) !== set.negated;
}

/** Whether it holds some value that is not among the given ones. */
export function holdsOther(set: ValueSet, known: readonly string[]): boolean {
  if (set.negated) return true;
  for (const value of set.values) if (!known.includes(value)) return true;
  return false;
}
