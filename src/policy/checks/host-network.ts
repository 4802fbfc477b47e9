// Rule: in a fenced namespace no Pod or pod template uses the network of the node, because no
// NetworkPolicy applies to such a Pod. Restricted field: spec.hostNetwork. Allowed: false or
// absent.

import { workloadKinds } from '../../kubernetes/kinds.ts';
import type { ObjectCheck } from '../check.ts';

export const hostNetwork: ObjectCheck = {
  id: 'host-network',
  rule: 'In a fenced namespace no Pod uses `hostNetwork: true`.',
  remedy: 'Remove hostNetwork. Put Pods that need the node network into an exempt namespace.',
  kinds: ['Pod', ...workloadKinds],
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
