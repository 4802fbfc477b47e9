// Rule: if a key has `agrees`, its value on a Pod, pod template or NetworkPolicy is the value of
// the namespace. Otherwise a Pod could claim another tier than the one by which policies select its
// namespace. A namespace without the label allows any value. Restricted field: metadata.labels.KEY
// of the keys with agrees. Allowed: the value of the namespace.

import type { ObjectCheck, Violation } from '../check.ts';
import { isAllowedValue } from '../taxonomy.ts';

export const labelAgreement: ObjectCheck = {
  id: 'label-agreement',
  rule: 'Some labels (env, tier and team by default) have the same value as on the namespace.',
  remedy: "Use the namespace's value, or put the object into a namespace with the other value.",
  kinds: ['Pod', 'NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, { taxonomy }) {
    const { facts } = subject;
    if (facts === undefined) return [];
    const violations: Violation[] = [];
    for (const key of taxonomy.keys.values()) {
      const found = subject.labels.get(key.key);
      // label-values already reports a value outside the vocabulary.
      if (!key.agrees || found === undefined || !isAllowedValue(key, found)) continue;
      const field = `${subject.labelsField}.${key.key}`;
      if (!facts.known) {
        const reason = `not decided: whether "${found}" is the namespace's: ${facts.reason}`;
        violations.push({ field, subject: key.key, found, reason, undecided: true });
        continue;
      }
      const said = facts.labels.get(key.key);
      if (said === undefined || said === found) continue;
      violations.push({
        field,
        subject: key.key,
        found,
        reason: `"${found}" is not its namespace's; namespace ${subject.namespace} says ${key.key}=${said}`,
        // A value outside the vocabulary is the namespace's mistake, and no label to copy.
        ...(isAllowedValue(key, said) ? { fix: { key: key.key, value: said } } : {}),
      });
    }
    return violations;
  },
};
