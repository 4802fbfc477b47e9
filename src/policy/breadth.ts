import { countAddresses, type Range } from '../network/address.ts';
import type { Direction } from '../network/rules.ts';
import { causedByAnyone } from './cause.ts';
import type { PolicyConfig, Violation } from './check.ts';
import { type JudgedOpening, type Opened, shortField } from './opening.ts';
import type { Subject } from './subject.ts';
import {
  blocksText,
  familyText,
  findWholeFamilies,
  firstBlock,
  nameNetworks,
  openedAddresses,
  wholeFamilies,
} from './whole-families.ts';

/** Finds ipBlocks of a direction that together are wider than the configured prefix. */
export function findBroadBlocks(
  { openings }: Opened,
  direction: Direction,
  config: PolicyConfig,
): readonly Violation[] {
  const ranges = openedAddresses(openings, direction);
  // findAnyone reports a whole family.
  const whole = wholeFamilies(ranges);
  const families = broadFamilies(ranges, config).filter((family) => !whole.includes(family));
  const block = firstBlock(openings, direction);
  if (families.length === 0 || block === undefined) return [];
  const width = `${blocksText(openings, direction, 'is')} wider than ${limitText(families, config)}`;
  return [violationAt(block.field, families, nameNetworks(width))];
}

/** Finds rules of a direction without a peer, and ipBlocks that together are a whole family. */
export function findAnyone(
  opened: Opened,
  direction: Direction,
  reason: string,
  subject: Subject,
): readonly Violation[] {
  const { openings, wholeIngress } = opened;
  const unnamed = openings
    .filter((opening) => opening.direction === direction && opening.other.kind === 'anyone')
    .map((opening) => ({
      field: opening.field,
      subject: shortField(opening.field),
      found: 'anyone',
      reason,
      cause: causedByAnyone(opening, opened, subject),
    }));
  const whole = direction === 'ingress' ? wholeIngress : findWholeFamilies(openings, direction);
  if (whole === undefined) return unnamed;
  const block = firstBlock(openings, direction) as JudgedOpening;
  const cause = causedByAnyone(block, opened, subject);
  return [...unnamed, { ...violationAt(whole.field, whole.families, whole.reason), cause }];
}

function violationAt(field: string, families: readonly (4 | 6)[], reason: string): Violation {
  return { field, subject: shortField(field), found: familyText(families), reason };
}

/** Returns the families of which more addresses are opened than the configured prefix contains. */
export function broadFamilies(ranges: readonly Range[], { network }: PolicyConfig): readonly (4 | 6)[] {
  const { ipv4Prefix, ipv6Prefix } = network.broad;
  const limits = { 4: 1n << BigInt(32 - ipv4Prefix), 6: 1n << BigInt(128 - ipv6Prefix) } as const;
  return ([4, 6] as const).filter((family) => countAddresses(ranges, family) > limits[family]);
}

/** Formats the allowed width of families: `a /16`. */
function limitText(families: readonly (4 | 6)[], { network }: PolicyConfig): string {
  const { ipv4Prefix, ipv6Prefix } = network.broad;
  return families.map((family) => `a /${family === 4 ? ipv4Prefix : ipv6Prefix}`).join(' and ');
}
