import { type Address, isCovered, isInRange, type Range, readCidr, subtract } from './address.ts';
import type { AddressPeer, Rule } from './rules.ts';

/** Every address of both families. */
export const everyAddress: readonly Range[] = [
  { family: 4, first: 0n, last: (1n << 32n) - 1n },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
];

/**
 * The networks in which clusters have their pods, unless somebody says otherwise: RFC 1918, RFC
 * 6598 and RFC 4193.
 */
export const privateNetworks: readonly Range[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
].flatMap((cidr) => readCidr(cidr) ?? []);

/** Whether an ipBlock holds an address. */
export function isInBlock(peer: AddressPeer, address: Address): boolean {
  return isInRange(peer.range, address) && !peer.except.some((range) => isInRange(range, address));
}

/** The addresses of an ipBlock as ranges. */
export function rangesOf(peer: AddressPeer): readonly Range[] {
  return subtract([peer.range], peer.except);
}

/** Whether some address is in both. */
export function overlap(ranges: readonly Range[], networks: readonly Range[]): boolean {
  return ranges.some(({ family, first, last }) =>
    networks.some((network) => family === network.family && first <= network.last && network.first <= last),
  );
}

/**
 * Whether a rule's blocks together hold every address of a pod (a dual-stack pod has two). If no
 * address is known, whether they hold every address of the networks in which the pod may be. Then
 * it does not matter which address a flow uses. A pod may have an address of either family of the
 * networks, or one of each.
 */
export function holdsEveryAddress(rule: Rule, addresses: readonly Address[], networks: readonly Range[]): boolean {
  const blocks = (rule.peers ?? []).filter((peer) => peer.kind === 'addresses');
  if (addresses.length > 0) return addresses.every((address) => blocks.some((block) => isInBlock(block, address)));
  return isCovered(networks, blocks.flatMap(rangesOf));
}
