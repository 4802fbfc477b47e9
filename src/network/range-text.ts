import ipaddr from 'ipaddr.js';
import type { Address, Range } from './address.ts';

/** An address in its usual notation. */
export function formatAddress({ family, value }: Address): string {
  const bytes = Array.from({ length: family === 4 ? 4 : 16 }, (_, index, size = family === 4 ? 4 : 16) =>
    Number((value >> BigInt((size - 1 - index) * 8)) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/**
 * `10.0.0.0/8` if the range is a block, otherwise `10.0.0.1-10.0.0.9`. A single address is written
 * alone.
 */
export function formatRange({ family, first, last }: Range): string {
  const from = formatAddress({ family, value: first });
  if (first === last) return from;
  const size = last - first + 1n;
  // A power of two has one bit set, and a block begins at a multiple of its size.
  if ((size & (size - 1n)) === 0n && first % size === 0n)
    return `${from}/${(family === 4 ? 32 : 128) - (size.toString(2).length - 1)}`;
  return `${from}-${formatAddress({ family, value: last })}`;
}

/** Sorted ranges in words: `any address`, `any IPv4 address`, or each range. */
export function formatRanges(ranges: readonly Range[]): string {
  const texts = ranges.map(formatRange);
  if (texts.length === 2 && texts[0] === '0.0.0.0/0' && texts[1] === '::/0') return 'any address';
  return texts
    .map((text) => (text === '0.0.0.0/0' ? 'any IPv4 address' : text === '::/0' ? 'any IPv6 address' : text))
    .join(', ');
}
