// Rule: a taxonomy label has a value of its vocabulary, on every kind and whether or not it is
// required there. Restricted field: metadata.labels.KEY. Allowed: one of the values of the key, or
// a value that its anchored pattern matches.

import type { ObjectCheck, Violation } from '../check.ts';
import { nearest } from '../spelling.ts';
import { isAllowedValue } from '../taxonomy.ts';

export const labelValues: ObjectCheck = {
  id: 'label-values',
  rule: 'A taxonomy label has a value of its vocabulary.',
  remedy: 'Use one of the values that the message lists.',
  kinds: ['Namespace', 'Pod', 'NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, { taxonomy }) {
    const violations: Violation[] = [];
    for (const key of taxonomy.keys.values()) {
      const found = subject.labels.get(key.key);
      if (found === undefined || isAllowedValue(key, found)) continue;
      const said = key.agrees && subject.facts?.known ? subject.facts.labels.get(key.key) : undefined;
      const near = key.values === undefined ? undefined : nearest(found, key.values);
      const allowed =
        key.values === undefined ? (key.patternText ?? 'of the allowed form') : `one of ${key.values.join(', ')}`;
      const fix = said ?? near ?? key.suggest;
      violations.push({
        field: `${subject.labelsField}.${key.key}`,
        subject: key.key,
        found,
        reason: `"${found}" is not ${allowed}${near === undefined ? '' : `; did you mean "${near}"?`}`,
        ...(fix === undefined ? {} : { fix: { key: key.key, value: fix } }),
      });
    }
    return violations;
  },
};
