// Rule: egress names its destinations. Two forms do not: a rule without `to`, and ipBlocks that
// together are all of IPv4 or IPv6.
import { findAnyone } from '../breadth.ts';
import type { OpeningCheck } from '../check.ts';

export const egressToAnyone: OpeningCheck = {
  id: 'egress-to-anyone',
  rule: 'Egress names its destinations instead of allowing everything.',
  remedy: 'Name the needed peers: Pods by label, addresses by ipBlock.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge: (opened, subject) => findAnyone(opened, 'egress', reason, subject),
};

const reason = 'reaches everything, cloud metadata included; name peers under "to"';
