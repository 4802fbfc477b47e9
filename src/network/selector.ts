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

/**
 * Whether a selector selects at least what another does, by its form: everything, or by the same
 * requirements in the same order. What is wider by meaning alone is not claimed.
 */
export function selectsAllOf(wider: Selector, other: Selector): boolean {
  if (wider.requirements.length === 0) return true;
  return (
    wider.requirements.length === other.requirements.length &&
    wider.requirements.every((one, index) => isSameRequirement(one, other.requirements[index]))
  );
}

function isSameRequirement(one: Requirement, other: Requirement | undefined): boolean {
  if (other === undefined || one.key !== other.key || one.operator !== other.operator) return false;
  if (one.values.size !== other.values.size) return false;
  const rest = other.values.values();
  for (const value of one.values) if (value !== rest.next().value) return false;
  return true;
}
