// Rule: in a namespace labelled expose="false" nothing is labelled expose="true". Restricted field:
// metadata.labels.expose of Pods, pod templates and NetworkPolicies. Allowed: any other value.

import type { ObjectCheck } from '../check.ts';

export const namespaceExposure: ObjectCheck = {
  id: 'namespace-exposure',
  rule: 'In a namespace labelled `expose: "false"` nothing is labelled `expose: "true"`.',
  remedy: 'Set expose to "false", or move the object to a namespace that may be exposed.',
  kinds: ['Pod', 'NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject) {
    const { facts } = subject;
    if (facts === undefined || subject.labels.get('expose') !== 'true') return [];
    const violation = { field: `${subject.labelsField}.expose`, subject: 'expose', found: 'true' };
    if (!facts.known) {
      return [
        { ...violation, reason: `not decided: whether the namespace allows it: ${facts.reason}`, undecided: true },
      ];
    }
    if (facts.labels.get('expose') !== 'false') return [];
    const reason = `"true" is not allowed here; namespace ${subject.namespace} says expose=false`;
    return [{ ...violation, reason, fix: { key: 'expose', value: 'false' } }];
  },
};
