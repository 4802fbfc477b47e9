// Rule: no Pod or pod template uses the network of the node. No NetworkPolicy applies to such a
// Pod, and a node reaches the Pods on it, fenced or not. Outside fenced namespaces this is at most
// a warning, because agents of nodes need it. Restricted field: spec.hostNetwork. Allowed: false or
// absent.

import type { ObjectCheck } from '../check.ts';

export const hostNetwork: ObjectCheck = {
  id: 'host-network',
  rule: 'No Pod uses `hostNetwork: true`. Outside fenced namespaces this is at most a warning.',
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
    const outside = 'true puts it outside every NetworkPolicy';
    if (facts.fenced) return [{ ...violation, reason: `${outside}; namespace ${subject.namespace} is fenced` }];
    return [{ ...violation, reason: `${outside}; lets it reach the Pods of its node, fenced or not`, atMost: 'warn' }];
  },
};
