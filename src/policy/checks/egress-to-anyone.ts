// Rule: egress names where it goes. A rule without `to`, and ipBlocks that together are all of IPv4 or IPv6.
import { blocksText, familyText, firstBlock, openedAddresses, wholeFamilies } from '../breadth.ts';
import type { Check, Violation } from '../check.ts';
import { isOpened, openedBy, shortField } from '../opened.ts';

export const egressToAnyone: Check = {
  id: 'egress-to-anyone',
  rule: 'Egress names where it goes, instead of everywhere.',
  remedy: 'Name the peers that are needed: Pods by label, addresses by ipBlock.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened)) return [];
    const violations = opened.openings
      .filter(({ direction, other }) => direction === 'egress' && other.kind === 'anyone')
      .map(
        ({ field }): Violation => ({
          field,
          subject: shortField(field),
          found: 'anyone',
          reason: 'reaches everything, cloud metadata included; name peers under "to"',
        }),
      );
    const families = wholeFamilies(openedAddresses(opened.openings, 'egress'));
    const block = firstBlock(opened.openings, 'egress');
    if (families.length === 0 || block === undefined) return violations;
    const reason = `${blocksText(opened.openings, 'egress', 'holds')} every ${familyText(families)} address; name the networks that are meant`;
    return [
      ...violations,
      { field: block.field, subject: shortField(block.field), found: familyText(families), reason },
    ];
  },
};
