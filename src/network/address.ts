import ipaddr from 'ipaddr.js';

/** An address as a number of its family. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** The addresses from `first` to `last`, both included. */
export interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Reads an address, and returns undefined if the text is not one. An IPv4 address written as IPv6
 * (`::ffff:10.0.0.1`) is the IPv4 address.
 */
export function readAddress(text: string): Address | undefined {
  if (!isPlain(text)) return undefined;
  return toAddress(ipaddr.process(text));
}

/**
 * Reads a CIDR (`10.0.0.0/8`), and returns undefined if the text is not one. Bits below the prefix
 * are ignored, as net.ParseCIDR ignores them.
 */
export function readCidr(text: string): Range | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || !isPlain(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.kind() === 'ipv4' ? 32 : 128;
  if (Number(prefix) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  // RFC 4291 2.5.5.2: a mapped block with a prefix of 96 bits or more is an IPv4 block. Go's
  // net.IPNet, which the cluster uses, reads it so too.
  const { family, value } = toAddress(Number(prefix) < 96 ? parsed : ipaddr.process(address));
  const first = (value / size) * size;
  return { family, first, last: first + size - 1n };
}

/**
 * Returns why the API server refuses a CIDR in a new ipBlock, as a clause after the field;
 * undefined if it accepts it. Versions before 1.36 accept these forms, and so do stored policies
 * (k8s.io/apimachinery pkg/util/validation IsValidCIDRForLegacyField).
 */
export function wrongBlock(cidr: string, { family, first, last }: Range): string | undefined {
  const [address = '', prefix = ''] = cidr.split('/');
  const since = 'Kubernetes refuses it since 1.36';
  if (prefix.length > 1 && prefix.startsWith('0')) return `is ${cidr}, whose prefix begins with 0; ${since}`;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress())
    return `is ${cidr}, an IPv4 address written as IPv6; ${since}`;
  if (toAddress(parsed).value === first) return undefined;
  const block = textOf({ family, first, last });
  return `is ${cidr}, an address inside ${block}; write ${block}, or ${address}/${family === 4 ? 32 : 128}; ${since}`;
}

/** A CIDR as it was written and as it was read. */
export interface Block {
  readonly cidr: string;
  readonly range: Range;
}

/**
 * Returns why a block may not be an exception of another, as a clause after the field; undefined
 * if it may (pkg/apis/networking/validation ValidateIPBlock: "must be a strict subset of `cidr`").
 */
export function wrongException(of: Block, except: Block): string | undefined {
  const { cidr } = except;
  if (except.range.family !== of.range.family)
    return `is ${cidr}, IPv${except.range.family}, and the cidr ${of.cidr} is IPv${of.range.family}`;
  if (!isCovered([except.range], [of.range])) return `is ${cidr}, which is not inside the cidr ${of.cidr}`;
  if (isCovered([of.range], [except.range])) return `is ${cidr}, the whole cidr; it must be smaller`;
  return undefined;
}

/** Formats a range that is one CIDR: `10.0.0.0/8`. */
function textOf({ family, first, last }: Range): string {
  const length = family === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, index) => Number((first >> BigInt(8 * (length - 1 - index))) & 255n));
  const prefix = 8 * length + 1 - (last - first + 1n).toString(2).length;
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`;
}

/**
 * Reads a CIDR as the API server accepts it in the CRDs of policy.networking.k8s.io, and returns
 * undefined for any other text: `isCIDR(self) && cidr(self) == cidr(self).masked()`, at most 43
 * characters. That is a block without bits behind its prefix, without leading zeros, and not an
 * IPv4 block written as IPv6 (k8s.io/apiserver pkg/cel/library/cidr.go, net/netip ParsePrefix).
 */
export function readCanonicalCidr(text: string): Range | undefined {
  const range = readCidr(text);
  const [address = '', prefix = ''] = text.split('/');
  const first = readAddress(address);
  const isMapped = address.includes(':') && first?.family === 4;
  const hasZeros = /^0\d/.test(prefix) || (first?.family === 4 && /(^|\.)0\d/.test(address));
  if (text.length > 43 || isMapped || hasZeros) return undefined;
  return range?.family === first?.family && range?.first === first?.value ? range : undefined;
}

/** Whether an address is in a range. */
export function isInRange(range: Range, address: Address): boolean {
  return range.family === address.family && range.first <= address.value && address.value <= range.last;
}

/** The parts of `ranges` that are not in `taken`, sorted and without overlaps. */
export function subtract(ranges: readonly Range[], taken: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  const holes = merge(taken);
  let at = 0;
  // Both lists are sorted, so one sweep is enough. Comparing thousands of blocks with thousands of
  // holes pair by pair would be too slow.
  for (const range of merge(ranges)) {
    const { family, last } = range;
    let { first } = range;
    let hole = holes[at];
    while (hole !== undefined && (hole.family < family || (hole.family === family && hole.last < first)))
      hole = holes[++at];
    while (hole !== undefined && hole.family === family && hole.first <= last && first <= last) {
      if (first < hole.first) left.push({ family, first, last: hole.first - 1n });
      first = hole.last + 1n;
      // A hole that extends past this range may also be in the next one.
      if (hole.last <= last) hole = holes[++at];
    }
    if (first <= last) left.push({ family, first, last });
  }
  return left;
}

/**
 * The same addresses in as few ranges as possible: sorted, with overlapping and adjacent ranges
 * joined. So the two halves of the Internet become one range.
 */
export function merge(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.family - b.family || compare(a.first, b.first));
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && last.family === range.family && range.first <= last.last + 1n) {
      merged[merged.length - 1] = { ...last, last: larger(range.last, last.last) };
    } else merged.push(range);
  }
  return merged;
}

/** How many addresses of a family the ranges hold. The ranges must not overlap. */
export function countAddresses(ranges: readonly Range[], family: 4 | 6): bigint {
  let count = 0n;
  for (const range of ranges) if (range.family === family) count += range.last - range.first + 1n;
  return count;
}

/** Whether every address of `inner` is in some range of `outer`. */
export function isCovered(inner: readonly Range[], outer: readonly Range[]): boolean {
  return subtract(inner, outer).length === 0;
}

function isPlain(text: string): boolean {
  // A zone has a meaning only on its host. ipaddr.js also reads `10.1` and `0x7f.1`, which
  // Kubernetes rejects.
  return (
    !text.includes('%') && (text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text))
  );
}

function toAddress(parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  let value = 0n;
  for (const byte of parsed.toByteArray()) value = (value << 8n) | BigInt(byte);
  return { family: parsed.kind() === 'ipv4' ? 4 : 6, value };
}

/** Math.max does not accept a bigint. */
function larger(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
