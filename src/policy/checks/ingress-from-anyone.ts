// Rule: nobody is let in from anywhere but to Pods that are declared exposed. A rule without `from`, and ipBlocks that together are all of IPv4 or IPv6.
import { blocksText, familyText, firstBlock, openedAddresses, wholeFamilies } from '../breadth.ts';
import type { Check, Violation } from '../check.ts';
import { isExposed, isOpened, openedBy, shortField } from '../opened.ts';

export const ingressFromAnyone: Check = {
  id: 'ingress-from-anyone',
  rule: 'Only Pods labelled `expose: "true"` are opened to everyone.',
  remedy: 'Name the peers that may enter, or select only Pods labelled expose: "true".',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened) || isExposed(opened.own)) return [];
    const violations = opened.openings
      .filter(({ direction, other }) => direction === 'ingress' && other.kind === 'anyone')
      .map(
        ({ field }): Violation => ({
          field,
          subject: shortField(field),
          found: 'anyone',
          reason: 'lets everyone in, the outside included; name peers under "from"',
        }),
      );
    const families = wholeFamilies(openedAddresses(opened.openings, 'ingress'));
    const block = firstBlock(opened.openings, 'ingress');
    if (families.length === 0 || block === undefined) return violations;
    const reason = `${blocksText(opened.openings, 'ingress', 'holds')} every ${familyText(families)} address; name the networks that are meant`;
    return [
      ...violations,
      { field: block.field, subject: shortField(block.field), found: familyText(families), reason },
    ];
  },
};
