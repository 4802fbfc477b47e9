import { countAddresses, merge, type Range, subtract } from '../network/address.ts';
import type { Direction } from '../network/rules.ts';
import { causedByAnyone } from './cause.ts';
import type { PolicyConfig, Violation } from './check.ts';
import { type JudgedOpening, type Opened, shortField } from './opening.ts';
import type { Subject } from './subject.ts';

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
  if (families.length === 0) return [];
  const width = `${blocksText(openings, direction, 'is')} wider than ${limitText(families, config)}`;
  return pinToBlock(openings, direction, families, width);
}

/** Finds rules of a direction without a peer, and ipBlocks that together are a whole family. */
export function findAnyone(
  opened: Opened,
  direction: Direction,
  reason: string,
  subject: Subject,
): readonly Violation[] {
  const { openings } = opened;
  const unnamed = openings
    .filter((opening) => opening.direction === direction && opening.other.kind === 'anyone')
    .map((opening) => ({
      field: opening.field,
      subject: shortField(opening.field),
      found: 'anyone',
      reason,
      cause: causedByAnyone(opening, opened, subject),
    }));
  const families = wholeFamilies(openedAddresses(openings, direction));
  if (families.length === 0) return unnamed;
  const width = `${blocksText(openings, direction, 'holds')} every ${familyText(families)} address`;
  return [...unnamed, ...pinToBlock(openings, direction, families, width)];
}

function pinToBlock(
  openings: readonly JudgedOpening[],
  direction: Direction,
  families: readonly (4 | 6)[],
  width: string,
): readonly Violation[] {
  const block = firstBlock(openings, direction);
  if (block === undefined) return [];
  const reason = `${width}; name the networks that are meant`;
  return [{ field: block.field, subject: shortField(block.field), found: familyText(families), reason }];
}

/**
 * Returns all addresses that the ipBlocks of a direction open together, without named peers. Two
 * halves of the Internet count as the whole.
 */
export function openedAddresses(openings: readonly JudgedOpening[], direction: Direction): readonly Range[] {
  return merge(
    openings.flatMap((opening) =>
      opening.direction === direction && opening.other.kind === 'addresses' && opening.role === undefined
        ? opening.other.ranges
        : [],
    ),
  );
}

/** Returns the first ipBlock, which a finding about all ipBlocks names as its field. */
export function firstBlock(openings: readonly JudgedOpening[], direction: Direction): JudgedOpening | undefined {
  return openings.find(
    (opening) => opening.direction === direction && opening.other.kind === 'addresses' && opening.role === undefined,
  );
}

/** Returns the families of which every address is opened. */
export function wholeFamilies(ranges: readonly Range[]): readonly (4 | 6)[] {
  return ([4, 6] as const).filter((family) => subtract([everyAddress[family]], ranges).length === 0);
}

/** Returns the families of which more addresses are opened than the configured prefix contains. */
export function broadFamilies(ranges: readonly Range[], { network }: PolicyConfig): readonly (4 | 6)[] {
  const { ipv4Prefix, ipv6Prefix } = network.broad;
  const limits = { 4: 1n << BigInt(32 - ipv4Prefix), 6: 1n << BigInt(128 - ipv6Prefix) } as const;
  return ([4, 6] as const).filter((family) => countAddresses(ranges, family) > limits[family]);
}

/** Formats families for messages: `IPv4 and IPv6`. */
export function familyText(families: readonly (4 | 6)[]): string {
  return families.map((family) => `IPv${family}`).join(' and ');
}

/** Formats the allowed width of families: `a /16`. */
function limitText(families: readonly (4 | 6)[], { network }: PolicyConfig): string {
  const { ipv4Prefix, ipv6Prefix } = network.broad;
  return families.map((family) => `a /${family === 4 ? ipv4Prefix : ipv6Prefix}`).join(' and ');
}

/** Formats the blocks of a direction with a verb: `10.0.0.0/8 is`, `its ipBlocks together are`. */
function blocksText(openings: readonly JudgedOpening[], direction: Direction, verb: 'is' | 'holds'): string {
  const cidrs = new Set(
    openings.flatMap((opening) =>
      opening.direction === direction && opening.other.kind === 'addresses' && opening.role === undefined
        ? [opening.other.peer.cidr]
        : [],
    ),
  );
  return cidrs.size === 1 ? `${[...cidrs][0]} ${verb}` : `its ipBlocks together ${verb === 'is' ? 'are' : 'hold'}`;
}

const everyAddress = {
  4: { family: 4, first: 0n, last: (1n << 32n) - 1n },
  6: { family: 6, first: 0n, last: (1n << 128n) - 1n },
} as const;
