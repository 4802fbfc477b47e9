import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countAddresses, isCovered, merge, type Range, subtract } from '../../src/network/address.ts';

// The model: sixteen addresses of each family, one by one.
const every = ([4, 6] as const).flatMap((family) =>
  Array.from({ length: 16 }, (_, value) => ({ family, value: BigInt(value) })),
);
const members = (ranges: readonly Range[]): typeof every =>
  every.filter(({ family, value }) =>
    ranges.some((range) => range.family === family && range.first <= value && value <= range.last),
  );

const anyRange: fc.Arbitrary<Range> = fc
  .record({ family: fc.constantFrom(4 as const, 6 as const), one: fc.nat({ max: 15 }), two: fc.nat({ max: 15 }) })
  .map(({ family, one, two }) => ({ family, first: BigInt(Math.min(one, two)), last: BigInt(Math.max(one, two)) }));
const anyRanges = fc.array(anyRange, { maxLength: 6 });

/** Whether ranges are sorted, and neither overlap nor touch within a family. */
function isPlain(ranges: readonly Range[]): boolean {
  return ranges.every((range, index) => {
    const next = ranges[index + 1];
    if (next === undefined || range.family < next.family) return range.first <= range.last;
    return range.family === next.family && range.first <= range.last && range.last + 1n < next.first;
  });
}

describe('ranges of addresses', () => {
  it('merged are the same addresses, as few ranges', () => {
    fc.assert(
      fc.property(anyRanges, (ranges) => {
        const merged = merge(ranges);
        expect(members(merged)).toEqual(members(ranges));
        expect(isPlain(merged)).toBe(true);
      }),
    );
  });

  it('less others are the addresses that only they hold', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (ranges, taken) => {
        const left = subtract(ranges, taken);
        const holes = members(taken);
        expect(members(left)).toEqual(members(ranges).filter((address) => !holes.includes(address)));
        expect(isPlain(left)).toBe(true);
        expect(isCovered(ranges, taken)).toBe(left.length === 0);
        expect(countAddresses(left, 4)).toBe(BigInt(members(left).filter(({ family }) => family === 4).length));
      }),
      { numRuns: 500 },
    );
  });
});
