import { type Address, readAddress } from '../network/address.ts';

const known = ['169.254.169.254', 'fd00:ec2::254'].map(readAddress);

/**
 * Whether an address is that of a cloud's metadata service, which gives credentials to whoever
 * asks: the IPv4 address of all clouds, or the IPv6 address of AWS (EC2 user guide, "instance
 * metadata").
 */
export function isMetadataAddress(text: string): boolean {
  // Both end so in every notation but a mapped one in hexadecimal, which no log writes. Most
  // addresses end otherwise, and are not parsed.
  if (!text.endsWith('254')) return false;
  const address = readAddress(text);
  return address !== undefined && known.some((one) => isSame(one, address));
}

function isSame(one: Address | undefined, other: Address): boolean {
  return one?.family === other.family && one.value === other.value;
}
