// Rule: in a fenced namespace no Pod or template uses the node's network: such a Pod stands outside
// every NetworkPolicy. Restricted field: spec.hostNetwork. Allowed: false or absent.

import type { ObjectCheck } from '../check.ts';

export const hostNetwork: ObjectCheck = {
  id: 'host-network',
  rule: 'In a fenced namespace no Pod uses `hostNetwork: true`.',
  remedy: 'Remove hostNetwork. Put Pods that need the node network into an exempt namespace.',
  kinds: ['Pod'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject) {
    const { facts, pod } = subject;
    if (pod === undefined || !pod.hostNetwork || facts === undefined) return [];
    const violation = { field: `${pod.specField}.hostNetwork`, subject: 'hostNetwork', found: 'true' };
    if (!facts.known) {
      return [
        { ...violation, reason: `not decided: whether the namespace is fenced: ${facts.reason}`, undecided: true },
      ];
    }
    if (!facts.fenced) return [];
    return [
      { ...violation, reason: `true puts it outside every NetworkPolicy; namespace ${subject.namespace} is fenced` },
    ];
  },
};
