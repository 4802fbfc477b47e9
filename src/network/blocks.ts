import { type Address, isInRange, merge, type Range, subtract } from './address.ts';
import type { AddressPeer, Rule } from './rules.ts';

/** Whether an ipBlock holds an address. */
export function isInBlock(peer: AddressPeer, address: Address): boolean {
  return isInRange(peer.range, address) && !peer.except.some((range) => isInRange(range, address));
}

/** The addresses of an ipBlock as ranges. */
export function rangesOf(peer: AddressPeer): readonly Range[] {
  return subtract([peer.range], peer.except);
}

/**
 * Whether a rule's blocks together hold every address of a pod (a dual-stack pod has two). If no
 * address is known, whether they hold every possible address. Then it does not matter which address
 * a flow uses.
 */
export function holdsEveryAddress(rule: Rule, addresses: readonly Address[]): boolean {
  const blocks = (rule.peers ?? []).filter((peer) => peer.kind === 'addresses');
  if (addresses.length > 0) return addresses.every((address) => blocks.some((block) => isInBlock(block, address)));
  const merged = merge(blocks.flatMap(rangesOf));
  return merged.length === 2 && merged.every(({ family, first, last }) => last - first + 1n === familySize[family]);
}

const familySize = { 4: 1n << 32n, 6: 1n << 128n } as const;
