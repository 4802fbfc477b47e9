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
