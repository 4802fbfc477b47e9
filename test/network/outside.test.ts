import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInRange, readAddress, readCidr } from '../../src/network/address.ts';
import { createEvaluator } from '../../src/network/evaluator.ts';
import { openedBeyond, outsideOf } from '../../src/network/outside.ts';
import { hasPort, portRange } from '../../src/network/port-set.ts';
import { formatAddress, formatRange, formatRanges } from '../../src/network/range-text.ts';
import { probes, randomWorld } from './random-world.ts';

const outsiders = ['10.0.0.1', '10.0.0.200', '10.2.0.1', '192.0.2.1', 'fd00::1', '2001:db8::1'];

describe('what a class opens to addresses outside', () => {
  it('is what the evaluator says of each address, port and direction', () => {
    fc.assert(
      fc.property(randomWorld, (world) => {
        const evaluator = createEvaluator(world);
        for (const one of evaluator.classes.all) {
          if (one.pod.hostNetwork) continue;
          const openings = { ingress: outsideOf(one, 'ingress'), egress: outsideOf(one, 'egress') };
          for (const text of outsiders) {
            const address = readAddress(text);
            if (address === undefined) throw new Error(text);
            for (const { protocol, port } of probes) {
              for (const direction of ['ingress', 'egress'] as const) {
                const [from, to] = direction === 'ingress' ? [{ address }, one] : [one, { address }];
                const flow = { from: 'pod' in from ? { pod: from.pod } : from, to: 'pod' in to ? { pod: to.pod } : to };
                const { verdict } = evaluator.answer({ ...flow, protocol, port });
                const isOpen = openings[direction].some(
                  ({ ranges, ports }) =>
                    ranges.some((range) => isInRange(range, address)) && hasPort(ports, protocol, port),
                );
                expect(isOpen, `${direction} ${text} ${protocol}/${port}`).toBe(verdict === 'allowed');
              }
            }
          }
        }
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  });

  it('is compared address by address, so that two halves are the whole', () => {
    const ports = portRange('TCP', 443, 443);
    const range = (cidr: string) => readCidr(cidr) ?? { family: 4 as const, first: 0n, last: 0n };
    const whole = [{ ranges: [range('0.0.0.0/0')], ports, undecided: [] }];
    const halves = ['0.0.0.0/1', '128.0.0.0/1'].map((cidr) => ({ ranges: [range(cidr)], ports, undecided: [] }));
    expect(openedBeyond(whole, halves)).toEqual([]);
    expect(openedBeyond(halves, whole)).toEqual([]);
    const [more] = openedBeyond(whole, halves.slice(1));
    expect(more && formatRanges(more.ranges)).toBe('0.0.0.0/1');
  });
});

describe('addresses in words', () => {
  it.each(['10.0.0.1', '0.0.0.0', '255.255.255.255', 'fd00::1', '::'])('writes %s as it is usually written', (text) => {
    const address = readAddress(text);
    expect(address && formatAddress(address)).toBe(text);
  });

  it.each(['10.0.0.0/8', '0.0.0.0/0', '::/0', 'fd00::/127'])('knows that a range is the block %s', (text) => {
    const range = readCidr(text);
    expect(range && formatRange(range)).toBe(text);
  });

  it('writes a range that is no block from end to end', () => {
    expect(formatRange({ family: 4, first: 1n, last: 2n })).toBe('0.0.0.1-0.0.0.2');
    expect(formatRange({ family: 4, first: 7n, last: 7n })).toBe('0.0.0.7');
  });
});
