// Rule: a selector uses only values of the taxonomy. Another value matches nothing with In, and
// everything with NotIn.
import type { Requirement, Selector } from '../../network/selector.ts';
import { countOf } from '../../wording/number.ts';
import type { OpeningCheck, PolicyConfig, Violation } from '../check.ts';
import { shortField } from '../opening.ts';
import { nearest } from '../spelling.ts';
import { isAllowedValue, type TaxonomyKey } from '../taxonomy.ts';

export const unknownTaxonomyValue: OpeningCheck = {
  id: 'unknown-taxonomy-value',
  rule: 'The selectors of a NetworkPolicy use only values of the taxonomy.',
  remedy: 'Use a value of the vocabulary; the message names the nearest.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  judge(opened, _, config) {
    const violations = unknownIn(opened.policy.podSelector, 'spec.podSelector', config);
    for (const { field, other } of opened.openings) {
      if (other.kind !== 'pods') continue;
      const { namespaceSelector, podSelector } = other.peer;
      if (namespaceSelector !== undefined)
        violations.push(...unknownIn(namespaceSelector, `${field}.namespaceSelector`, config));
      violations.push(...unknownIn(podSelector, `${field}.podSelector`, config));
    }
    return violations;
  },
};

/**
 * The number of values that are reported for one requirement. A hostile policy could list tens of
 * thousands.
 */
const shownLimit = 10;

function unknownIn(selector: Selector, field: string, { taxonomy }: PolicyConfig): Violation[] {
  const violations: Violation[] = [];
  for (const requirement of selector.requirements) {
    const key = taxonomy.keys.get(requirement.key);
    if (key === undefined) continue;
    const unknown: string[] = [];
    for (const value of requirement.values) if (!isAllowedValue(key, value)) unknown.push(value);
    if (unknown.length > 0) violations.push(...report(unknown, requirement, key, field));
  }
  return violations;
}

function report(
  unknown: readonly string[],
  { key: name, operator }: Requirement,
  key: TaxonomyKey,
  field: string,
): readonly Violation[] {
  const subject = `${shortField(field)} ${name}`;
  const shown = unknown.slice(0, shownLimit).map((found): Violation => {
    const near = key.values === undefined ? undefined : nearest(found, key.values);
    const allowed = key.values?.join(', ') ?? key.patternText ?? 'of the allowed form';
    const effect = operator === 'NotIn' ? 'so it excludes no fenced Pod' : 'so no fenced Pod has it';
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return { field, subject, found, reason: `"${found}" is not one of ${allowed}, ${effect}${hint}` };
  });
  const left = unknown.length - shown.length;
  if (left === 0) return shown;
  const reason = `and ${countOf(left, 'more value')} that the vocabulary does not have`;
  return [...shown, { field, subject, found: `${left} more`, reason }];
}
