/** Labels as data; structurally the policy room's. */
export type LabelMap = ReadonlyMap<string, string>;

/** One requirement of a LabelSelector: `matchLabels` are `In` with one value. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: ReadonlySet<string>;
}

/** A LabelSelector (meta/v1) read: all requirements must hold. None at all selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

/** Selects everything. */
export const everything: Selector = { requirements: [] };

/**
 * Whether labels satisfy a selector, as k8s.io/apimachinery pkg/labels Requirement.Matches has it: `NotIn` holds where the key is absent,
 * `In` and `Exists` need the key (an empty value is a value).
 */
export function selects(selector: Selector, labels: LabelMap): boolean {
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
