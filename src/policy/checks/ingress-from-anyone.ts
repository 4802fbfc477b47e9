// Rule: only Pods that are declared exposed are open to everyone. Two forms open a Pod to everyone:
// a rule without `from`, and ipBlocks that together are all of IPv4 or IPv6.
import { findAnyone } from '../breadth.ts';
import { sayEveryone } from '../cause.ts';
import type { OpeningCheck } from '../check.ts';
import { isExposed } from '../opening.ts';

export const ingressFromAnyone: OpeningCheck = {
  id: 'ingress-from-anyone',
  rule: 'Only Pods labelled `expose: "true"` are opened to everyone.',
  remedy: 'Name the peers that may enter, or select only Pods labelled expose: "true".',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  judge: (opened, subject) =>
    isExposed(opened.own) ? [] : findAnyone(opened, 'ingress', sayEveryone(subject), subject),
};
