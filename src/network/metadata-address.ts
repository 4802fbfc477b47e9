import { type Address, readAddress } from './address.ts';

/**
 * The addresses of the clouds' metadata services, which give credentials to whoever asks: the IPv4
 * address of all clouds, and the IPv6 address of AWS (EC2 user guide, "instance metadata").
 */
export const metadataServices: readonly Address[] = ['169.254.169.254', 'fd00:ec2::254'].flatMap(
  (text) => readAddress(text) ?? [],
);

/** Whether an address is that of a cloud's metadata service. */
export function isMetadataAddress(text: string): boolean {
  // Both end so in every notation but a mapped one in hexadecimal, which no log writes. Most
  // addresses end otherwise, and are not parsed.
  if (!text.endsWith('254')) return false;
  const address = readAddress(text);
  return address !== undefined && metadataServices.some((one) => isSame(one, address));
}

function isSame(one: Address, other: Address): boolean {
  return one.family === other.family && one.value === other.value;
}
