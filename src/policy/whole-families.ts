import { merge, type Range, subtract } from '../network/address.ts';
import type { Direction } from '../network/rules.ts';
import { type JudgedOpening, shortField, type WholeFamilies } from './opening.ts';

/** Returns the families that ipBlocks of a direction open whole; undefined if there are none. */
export function findWholeFamilies(openings: readonly JudgedOpening[], direction: Direction): WholeFamilies | undefined {
  const families = wholeFamilies(openedAddresses(openings, direction));
  const block = firstBlock(openings, direction);
  if (families.length === 0 || block === undefined) return undefined;
  const width = `${blocksText(openings, direction, 'holds')} every ${familyText(families)} address`;
  return { families, field: block.field, subject: shortField(block.field), reason: nameNetworks(width) };
}

/** Adds to a sentence about ipBlocks what to do. */
export function nameNetworks(width: string): string {
  return `${width}; name the networks that are meant`;
}

/** Whether an opening is one of addresses that are no named peer, which breadth judges. */
export function isPlainBlock({ other, role }: JudgedOpening): boolean {
  return other.kind === 'addresses' && role === undefined;
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
  return openings.find((opening) => opening.direction === direction && isPlainBlock(opening));
}

/** Returns the families of which every address is opened. */
export function wholeFamilies(ranges: readonly Range[]): readonly (4 | 6)[] {
  return ([4, 6] as const).filter((family) => subtract([everyAddress[family]], ranges).length === 0);
}

/** Formats families for messages: `IPv4 and IPv6`. */
export function familyText(families: readonly (4 | 6)[]): string {
  return families.map((family) => `IPv${family}`).join(' and ');
}

/** Formats the blocks of a direction with a verb: `10.0.0.0/8 is`, `its ipBlocks together are`. */
export function blocksText(openings: readonly JudgedOpening[], direction: Direction, verb: 'is' | 'holds'): string {
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
