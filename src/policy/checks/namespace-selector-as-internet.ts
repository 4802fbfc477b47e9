// Rule: egress to the Internet uses an ipBlock. `namespaceSelector: {}` matches the Pods of all
// namespaces, and no address outside the cluster.

import type { Opening } from '../../network/openings.ts';
import { allowsPort } from '../../network/side.ts';
import type { OpeningCheck } from '../check.ts';
import { shortField } from '../opening.ts';

/** The ports that suggest an external API. */
const webPorts = [443, 80] as const;

export const namespaceSelectorAsInternet: OpeningCheck = {
  id: 'namespace-selector-as-internet',
  rule: 'Egress to `namespaceSelector: {}` on a web port gets a warning, because it reaches Pods and never the Internet.',
  remedy:
    'For the Internet, use an ipBlock of 0.0.0.0/0 with the private networks under except. For Pods, name their namespaces.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened) {
    return opened.openings.filter(meansInternet).map(({ field }) => ({
      field: `${field}.namespaceSelector`,
      subject: shortField(field),
      found: '{}',
      reason: '{} is every Pod, never the Internet; for that write an ipBlock',
    }));
  },
};

function meansInternet({ direction, rule, other }: Opening): boolean {
  return (
    direction === 'egress' &&
    other.kind === 'pods' &&
    other.peer.namespaceSelector?.requirements.length === 0 &&
    other.peer.podSelector.requirements.length === 0 &&
    rule.ports !== undefined &&
    webPorts.some((port) => allowsPort(rule.ports, undefined, 'TCP', port))
  );
}
