import type { Labels } from '../kubernetes/labels.ts';

/** One requirement of a LabelSelector. An entry of `matchLabels` is an `In` with one value. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: ReadonlySet<string>;
}

/**
 * A LabelSelector (meta/v1): all its requirements must hold. A selector without requirements
 * selects everything.
 */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

export const everything: Selector = { requirements: [] };

/**
 * Whether labels satisfy a selector, as in k8s.io/apimachinery pkg/labels Requirement.Matches:
 * `NotIn` holds if the key is absent; `In` and `Exists` need the key. An empty value is a value.
 */
export function selects(selector: Selector, labels: Labels): boolean {
  for (const { key, operator, values } of selector.requirements) {
    const value = labels.get(key);
    switch (operator) {
      case 'In':
        if (value === undefined || !values.has(value)) return false;
        break;
      case 'NotIn':
        if (value !== undefined && values.has(value)) return false;
        break;
      case 'Exists':
        if (value === undefined) return false;
        break;
      case 'DoesNotExist':
        if (value !== undefined) return false;
        break;
    }
  }
  return true;
}

/**
 * Whether a selector selects at least everything that the other selects. Only the form is compared:
 * `wider` selects everything, or has the same requirements. Other selectors that are wider in
 * effect give false.
 */
export function selectsAllOf(wider: Selector, other: Selector): boolean {
  return wider.requirements.length === 0 || isSameSelector(wider, other);
}

/** Whether two selectors have the same requirements, with the same values, in the same order. */
export function isSameSelector(one: Selector, other: Selector): boolean {
  const { length } = one.requirements;
  if (length !== other.requirements.length) return false;
  for (let index = 0; index < length; index += 1)
    if (!isSameRequirement(one.requirements[index], other.requirements[index])) return false;
  return true;
}

function isSameRequirement(one: Requirement | undefined, other: Requirement | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.key !== other.key || one.operator !== other.operator || one.values.size !== other.values.size) return false;
  for (const value of one.values) if (!other.values.has(value)) return false;
  return one.values.size < 2 || [...one.values].join('\n') === [...other.values].join('\n');
}
