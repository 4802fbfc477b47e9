// Rule: ipBlocks of egress hold no more addresses than the configured prefix (a /16 of IPv4, a /48 of IPv6), all blocks of the policy counted together.
import {
  blocksText,
  broadFamilies,
  familyText,
  firstBlock,
  limitText,
  openedAddresses,
  wholeFamilies,
} from '../breadth.ts';
import type { Check } from '../check.ts';
import { isOpened, openedBy, shortField } from '../opened.ts';

export const egressBroadCidr: Check = {
  id: 'egress-broad-cidr',
  rule: 'The ipBlocks of egress together are no broader than the configured prefix.',
  remedy: 'Name the networks that are meant, or make them a named peer in the configuration.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened)) return [];
    const ranges = openedAddresses(opened.openings, 'egress');
    // A whole family has its own finding.
    const whole = wholeFamilies(ranges);
    const families = broadFamilies(ranges, config).filter((family) => !whole.includes(family));
    const block = firstBlock(opened.openings, 'egress');
    if (families.length === 0 || block === undefined) return [];
    const reason = `${blocksText(opened.openings, 'egress', 'is')} wider than ${limitText(families, config)}; name the networks that are meant`;
    return [{ field: block.field, subject: shortField(block.field), found: familyText(families), reason }];
  },
};
