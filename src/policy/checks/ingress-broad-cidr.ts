// Rule: ipBlocks of ingress hold no more addresses than the configured prefix (a /16 of IPv4, a /48 of IPv6), all blocks of the policy counted together.
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
import { isExposed, isOpened, openedBy, shortField } from '../opened.ts';

export const ingressBroadCidr: Check = {
  id: 'ingress-broad-cidr',
  rule: 'The ipBlocks of ingress together are no broader than the configured prefix.',
  remedy: 'Name the networks that are meant, or make them a named peer in the configuration.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened) || isExposed(opened.own)) return [];
    const ranges = openedAddresses(opened.openings, 'ingress');
    // A whole family has its own finding.
    const whole = wholeFamilies(ranges);
    const families = broadFamilies(ranges, config).filter((family) => !whole.includes(family));
    const block = firstBlock(opened.openings, 'ingress');
    if (families.length === 0 || block === undefined) return [];
    const reason = `${blocksText(opened.openings, 'ingress', 'is')} wider than ${limitText(families, config)}; name the networks that are meant`;
    return [{ field: block.field, subject: shortField(block.field), found: familyText(families), reason }];
  },
};
