// Rule: all ipBlocks of ingress together contain no more addresses than the configured prefix (by
// default a /16 of IPv4, a /48 of IPv6), except for Pods that are declared exposed.
import { findBroadBlocks } from '../breadth.ts';
import type { OpeningCheck } from '../check.ts';
import { isExposed } from '../opening.ts';

export const ingressBroadCidr: OpeningCheck = {
  id: 'ingress-broad-cidr',
  rule: 'The ipBlocks of ingress together are no broader than the configured prefix.',
  remedy: 'Name the intended networks, or make them a named peer in the configuration.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  judge: (opened, _, config) => (isExposed(opened.own) ? [] : findBroadBlocks(opened, 'ingress', config)),
};
