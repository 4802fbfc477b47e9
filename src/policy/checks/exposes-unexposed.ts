// Rule: what lets the outside in selects only Pods labelled expose="true", and is itself labelled expose="true". The outside: ingress controllers'
// namespaces, any ipBlock that is not private, anyone.
import type { Check, Violation } from '../check.ts';
import { isExposed, isOpened, openedBy, shortField } from '../opened.ts';

export const exposesUnexposed: Check = {
  id: 'exposes-unexposed',
  rule: 'A NetworkPolicy that lets the outside in selects only Pods labelled `expose: "true"`, and is itself labelled so.',
  remedy:
    'Select expose: "true" in spec.podSelector and label the NetworkPolicy expose: "true", or name a peer inside the cluster.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened) || !config.taxonomy.keys.has('expose')) return [];
    const outside = opened.openings.filter((opening) => opening.direction === 'ingress' && opening.isOutside);
    const [first] = outside;
    if (first === undefined) return [];
    const violations: Violation[] = [];
    if (!isExposed(opened.own)) {
      violations.push({
        field: 'spec.podSelector',
        subject: 'podSelector',
        found: outside.map(({ field }) => field).join(' '),
        reason: `${shortField(first.field)} lets the outside in to Pods that may not be exposed; add expose: "true" to matchLabels`,
      });
    }
    if (subject.labels.get('expose') !== 'true') {
      violations.push({
        field: `${subject.labelsField}.expose`,
        subject: 'expose',
        found: subject.labels.get('expose'),
        reason: `${shortField(first.field)} lets the outside in; what does so is labelled expose="true"`,
        fix: { key: 'expose', value: 'true' },
      });
    }
    return violations;
  },
};
