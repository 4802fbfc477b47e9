// Rule: a NetworkPolicy that admits the outside selects only Pods labelled expose="true", and is
// itself labelled expose="true". The outside is: ingress controllers, public peers, any ipBlock
// that is not private, and anyone.
import { causedByAnyone, mayExpose } from '../cause.ts';
import type { OpeningCheck, Violation } from '../check.ts';
import { isExposed, shortField } from '../opening.ts';

export const exposesUnexposed: OpeningCheck = {
  id: 'exposes-unexposed',
  rule: 'A NetworkPolicy that admits outside traffic selects only Pods labelled `expose: "true"`, and carries this label itself.',
  remedy:
    'Select expose: "true" in spec.podSelector and label the NetworkPolicy expose: "true", or name a peer inside the cluster.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  key: () => 'expose',
  judge(opened, subject) {
    const outside = opened.openings.filter((opening) => opening.direction === 'ingress' && opening.isOutside);
    const [first] = outside;
    if (first === undefined) return [];
    const violations: Violation[] = [];
    // A rule that names nobody is the cause if no rule with peers lets the outside in.
    const causes = outside.map((opening) => causedByAnyone(opening, opened, subject));
    const [cause] = causes.includes(undefined) ? [] : causes;
    const isAllExposed = isExposed(opened.own);
    // If nothing in the namespace may be exposed, the fix is to change the peer.
    const isExposable = mayExpose(subject);
    if (!isAllExposed) {
      violations.push({
        field: 'spec.podSelector',
        subject: 'podSelector',
        found: outside.map(({ field }) => field).join(' '),
        cause,
        reason: `may select unexposed Pods; ${shortField(first.field)} lets the outside in; ${
          isExposable
            ? 'add expose: "true" to matchLabels'
            : `namespace ${subject.namespace} says expose=false, so name Pods under "from"`
        }`,
      });
    }
    const label = subject.labels.get('expose');
    if (label !== 'true' && isExposable) {
      violations.push({
        field: `${subject.labelsField}.expose`,
        subject: 'expose',
        found: label,
        cause,
        reason: `${label === undefined ? 'missing' : JSON.stringify(label)}; "true" on a NetworkPolicy that lets the outside in (${shortField(first.field)})`,
        // Without exposed Pods, the label alone is not a fix.
        ...(isAllExposed ? { fix: { key: 'expose', value: 'true' } } : {}),
      });
    }
    return violations;
  },
};
