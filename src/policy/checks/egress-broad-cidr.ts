// Rule: all ipBlocks of egress together contain no more addresses than the configured prefix (by
// default a /16 of IPv4, a /48 of IPv6).
import { findBroadBlocks } from '../breadth.ts';
import type { OpeningCheck } from '../check.ts';

export const egressBroadCidr: OpeningCheck = {
  id: 'egress-broad-cidr',
  rule: 'The ipBlocks of egress together are no broader than the configured prefix.',
  remedy: 'Name the intended networks, or make them a named peer in the configuration.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge: (opened, _, config) => findBroadBlocks(opened, 'egress', config),
};
