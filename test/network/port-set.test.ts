import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allPorts,
  formatPorts,
  hasPort,
  intersect,
  noPorts,
  type PortSet,
  portRange,
  portSpans,
  unite,
  without,
} from '../../src/network/port-set.ts';
import type { Protocol } from '../../src/network/rules.ts';

describe('a set of ports in words', () => {
  it.each<[string, PortSet]>([
    ['no port', noPorts],
    ['all ports', allPorts],
    ['all UDP', portRange('UDP')],
    ['TCP/443', portRange('TCP', 443, 443)],
    ['TCP/53, UDP/53', unite(portRange('UDP', 53, 53), portRange('TCP', 53, 53))],
    ['TCP/80-90', unite(portRange('TCP', 80, 84), portRange('TCP', 85, 90))],
    ['TCP/1-79, TCP/81-65535, all UDP, all SCTP', without(allPorts, portRange('TCP', 80, 80))],
    ['TCP/65535, UDP/1', unite(portRange('TCP', 65_535, 65_535), portRange('UDP', 1, 1))],
  ])('reads %s', (words, set) => {
    expect(formatPorts(set)).toBe(words);
  });

  it('has its ranges by protocol', () => {
    expect(portSpans(portRange('SCTP', 1, 65_535))).toEqual([{ protocol: 'SCTP', first: 1, last: 65_535 }]);
  });
});

const range = fc
  .tuple(fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP'), fc.integer({ min: 1, max: 9 }), fc.nat(4))
  .map(([protocol, first, more]) => portRange(protocol, first, first + more));
const set = fc.array(range, { maxLength: 4 }).map((ranges) => ranges.reduce(unite, noPorts));

describe('sets of ports', () => {
  it('hold what set algebra says, port by port', () => {
    fc.assert(
      fc.property(
        set,
        set,
        fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP'),
        fc.integer({ min: 1, max: 14 }),
        (a, b, ...port) => {
          const [inA, inB] = [hasPort(a, ...port), hasPort(b, ...port)];
          expect(hasPort(unite(a, b), ...port)).toBe(inA || inB);
          expect(hasPort(intersect(a, b), ...port)).toBe(inA && inB);
          expect(hasPort(without(a, b), ...port)).toBe(inA && !inB);
        },
      ),
      { seed: 20_261_122 },
    );
  });
});
