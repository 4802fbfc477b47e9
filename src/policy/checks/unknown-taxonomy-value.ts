// Rule: a selector uses only values of the taxonomy. Another value matches nothing with In, and
// everything with NotIn.
import type { Selector } from '../../network/selector.ts';
import type { OpeningCheck, PolicyConfig, Violation } from '../check.ts';
import { shortField } from '../opening.ts';
import { nearest } from '../spelling.ts';
import { isAllowedValue } from '../taxonomy.ts';

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
  return selector.requirements.flatMap(({ key: name, operator, values }) => {
    const key = taxonomy.keys.get(name);
    if (key === undefined) return [];
    const unknown: string[] = [];
    for (const value of values) if (!isAllowedValue(key, value)) unknown.push(value);
    const shown = unknown.slice(0, shownLimit).map((found): Violation => {
      const near = key.values === undefined ? undefined : nearest(found, key.values);
      const allowed = key.values?.join(', ') ?? key.patternText ?? 'of the allowed form';
      const effect = operator === 'NotIn' ? 'so it excludes no fenced Pod' : 'so no fenced Pod has it';
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      return {
        field,
        subject: `${shortField(field)} ${name}`,
        found,
        reason: `"${found}" is not one of ${allowed}, ${effect}${hint}`,
      };
    });
    const left = unknown.length - shown.length;
    if (left === 0) return shown;
    const reason = `and ${left} more values that the vocabulary does not have`;
    return [...shown, { field, subject: `${shortField(field)} ${name}`, found: `${left} more`, reason }];
  });
}
