import type { Protocol } from './rules.ts';

/**
 * Ports of the three protocols on one number line. Each protocol has 65,536 numbers, of which 0 is
 * unused. The set lists the numbers at which membership changes: `[a, b, c, d]` holds a..b-1 and
 * c..d-1.
 */
export type PortSet = readonly number[];

/** How many numbers one protocol has: a port is 16 bits wide. */
const width = 65_536;
const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

export const noPorts: PortSet = [];
export const allPorts: PortSet = protocols.flatMap((_, index) => [index * width + 1, (index + 1) * width]);

/** The ports from `first` to `last`, both included. Without them, all ports of the protocol. */
export function portRange(protocol: Protocol, first = 1, last = width - 1): PortSet {
  const base = protocols.indexOf(protocol) * width;
  return [base + first, base + last + 1];
}

export function unite(a: PortSet, b: PortSet): PortSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

export function intersect(a: PortSet, b: PortSet): PortSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** The ports of the first set that are not in the second. */
export function without(a: PortSet, b: PortSet): PortSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

export function hasPort(set: PortSet, protocol: Protocol, port: number): boolean {
  const at = protocols.indexOf(protocol) * width + port;
  for (let index = 0; index < set.length; index += 2)
    if ((set[index] as number) <= at && at < (set[index + 1] as number)) return true;
  return false;
}

/** One range of one protocol, for output. */
export interface PortSpan {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** The set as ranges, by protocol and port. */
export function portSpans(set: PortSet): readonly PortSpan[] {
  const spans: PortSpan[] = [];
  for (let index = 0; index < set.length; index += 2) {
    const [start, end] = [set[index] as number, set[index + 1] as number];
    const protocol = protocols[Math.floor(start / width)] as Protocol;
    spans.push({ protocol, first: start % width, last: (end - 1) % width });
  }
  return spans;
}

/** The set in words: `TCP/443, TCP/8000-8080, all UDP`, or `all ports`, or `no port`. */
export function formatPorts(set: PortSet): string {
  const spans = portSpans(set);
  if (spans.length === 0) return 'no port';
  if (spans.every(isWhole) && spans.length === protocols.length) return 'all ports';
  return spans
    .map((span) => {
      if (isWhole(span)) return `all ${span.protocol}`;
      return `${span.protocol}/${span.first === span.last ? span.first : `${span.first}-${span.last}`}`;
    })
    .join(', ');
}

function isWhole({ first, last }: PortSpan): boolean {
  return first === 1 && last === width - 1;
}

/**
 * One sweep over both sets: a number is inside a set if an odd number of changes lie at or before
 * it.
 */
function combine(a: PortSet, b: PortSet, keeps: (inA: boolean, inB: boolean) => boolean): PortSet {
  const changes: number[] = [];
  let [atA, atB, inside] = [0, 0, false];
  while (atA < a.length || atB < b.length) {
    const next = Math.min(a[atA] ?? Number.POSITIVE_INFINITY, b[atB] ?? Number.POSITIVE_INFINITY);
    if (a[atA] === next) atA += 1;
    if (b[atB] === next) atB += 1;
    const now = keeps(atA % 2 === 1, atB % 2 === 1);
    if (now !== inside) changes.push(next);
    inside = now;
  }
  return changes;
}
