import { type Address, isInRange, type Range, readCidr } from '../network/address.ts';
import { isMetadataAddress } from '../network/metadata-address.ts';
import { formatAddress, formatRange } from '../network/range-text.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import type { Party } from './party.ts';
import { byText } from './text-order.ts';

/** What an end outside the cluster is called where a log has no address. */
export const publicNetwork = 'public network';

/**
 * The block by which addresses without a name are counted: a /24 of IPv4 or a /48 of IPv6, which is
 * the size of one site (RFC 6177).
 */
function blockOf({ family, value }: Address): Range {
  const size = 1n << (family === 4 ? 8n : 80n);
  const first = (value / size) * size;
  return { family, first, last: first + size - 1n };
}

/**
 * An end outside the cluster. Its name is the name in DNS, else the configured peer, else the block
 * of its address. The metadata service has its own name.
 */
export function outsideParty(
  names: readonly string[],
  address: Address | undefined,
  peers: readonly NamedPeer[],
): Party {
  if (address !== undefined && isMetadataAddress(formatAddress(address))) {
    const name = formatAddress(address);
    const cidrs = [`${name}/${address.family === 4 ? 32 : 128}`];
    const target = { kind: 'addresses', name, cidrs, isNamed: false } as const;
    return { end: { kind: 'outside', name }, pods: [], addresses: [address], target };
  }
  const peer = address && peerOf(address, peers);
  const [dnsName] = [...names].sort(byText);
  const block = address && formatRange(blockOf(address));
  const name = dnsName ?? peer?.name ?? block ?? publicNetwork;
  return {
    end: { kind: 'outside', name },
    pods: [],
    addresses: address === undefined ? [] : [address],
    target:
      peer !== undefined
        ? { kind: 'addresses', name: peer.name, cidrs: peer.cidrs, isNamed: true }
        : block === undefined
          ? undefined
          : { kind: 'addresses', name, cidrs: [block], isNamed: false },
  };
}

/** The peer of the configuration that has an address. */
export function peerOf(address: Address, peers: readonly NamedPeer[]): NamedPeer | undefined {
  return peers.find(({ cidrs }) =>
    cidrs.some((cidr) => {
      const range = readCidr(cidr);
      return range !== undefined && isInRange(range, address);
    }),
  );
}
