import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../src/network/selector.ts';
import {
  anyValue,
  exactly,
  holds,
  holdsOther,
  intersect,
  isEmpty,
  satisfying,
  satisfyingAll,
  unite,
  type ValueSet,
} from '../../src/network/values.ts';

// The model: the members of a set among a few values. `rest` stands for every text that no set
// names, and undefined for an absent key.
const named = ['a', 'b', ''] as const;
const universe = [...named, 'rest', undefined] as const;

const has = (set: ValueSet, value: string | undefined): boolean =>
  value === undefined ? set.absent : holds(set, value);
const members = (set: ValueSet): readonly (string | undefined)[] => universe.filter((value) => has(set, value));

const anySet: fc.Arbitrary<ValueSet> = fc.record({
  negated: fc.boolean(),
  values: fc.subarray([...named]).map((values) => new Set(values)),
  absent: fc.boolean(),
});

function holdsFor(predicate: (a: ValueSet, b: ValueSet, c: ValueSet) => void): void {
  fc.assert(
    fc.property(anySet, anySet, anySet, (a, b, c) => {
      predicate(a, b, c);
    }),
  );
}

describe('a value set', () => {
  it('intersected holds what both hold', () => {
    holdsFor((a, b) =>
      expect(members(intersect(a, b))).toEqual(universe.filter((value) => has(a, value) && has(b, value))),
    );
  });

  it('united holds what either holds', () => {
    holdsFor((a, b) =>
      expect(members(unite(a, b))).toEqual(universe.filter((value) => has(a, value) || has(b, value))),
    );
  });

  it('is empty when it holds nothing, not even absence', () => {
    holdsFor((a, b) => {
      expect(isEmpty(a)).toBe(members(a).length === 0);
      expect(isEmpty(intersect(a, b))).toBe(members(intersect(a, b)).length === 0);
    });
  });

  it('holds another value than the known ones when it holds one that they are not', () => {
    fc.assert(
      fc.property(anySet, fc.subarray([...named]), (set, known) => {
        const others = universe.filter((value) => value !== undefined && !known.some((one) => one === value));
        expect(holdsOther(set, known)).toBe(others.some((value) => has(set, value)));
      }),
    );
  });

  it('obeys the laws of sets: order and grouping do not matter, each operation distributes over the other', () => {
    holdsFor((a, b, c) => {
      expect(members(intersect(a, b))).toEqual(members(intersect(b, a)));
      expect(members(unite(a, b))).toEqual(members(unite(b, a)));
      expect(members(intersect(a, intersect(b, c)))).toEqual(members(intersect(intersect(a, b), c)));
      expect(members(unite(a, unite(b, c)))).toEqual(members(unite(unite(a, b), c)));
      expect(members(intersect(a, unite(b, c)))).toEqual(members(unite(intersect(a, b), intersect(a, c))));
      expect(members(unite(a, intersect(b, c)))).toEqual(members(intersect(unite(a, b), unite(a, c))));
    });
  });

  it('is not changed by any value, or by no value', () => {
    holdsFor((a) => {
      expect(members(intersect(a, anyValue))).toEqual(members(a));
      expect(members(unite(a, exactly([])))).toEqual(members(a));
    });
  });

  it.each([
    ['In', ['a', ''], ['a', '']],
    ['NotIn', ['a'], ['b', '', 'rest', undefined]],
    ['Exists', [], ['a', 'b', '', 'rest']],
    ['DoesNotExist', [], [undefined]],
  ] as const)(
    'of %s %j holds %j: what is absent satisfies NotIn, and an empty text is a value',
    (operator, values, expected) => {
      expect(members(satisfying({ key: 'k', operator, values: new Set(values) }))).toEqual(expected);
    },
  );
});

describe('what satisfies requirements on one key', () => {
  const anyRequirement: fc.Arbitrary<Requirement> = fc.record({
    key: fc.constant('k'),
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: fc.subarray([...named], { minLength: 1 }).map((values) => new Set(values)),
  });

  it('is what satisfies each', () => {
    fc.assert(
      fc.property(fc.array(anyRequirement, { maxLength: 4 }), (requirements) => {
        const one = requirements.map(satisfying).reduce(intersect, anyValue);
        expect(members(satisfyingAll(requirements))).toEqual(members(one));
      }),
    );
  });

  it('is worked out for twenty thousand of them without copying what is left each time', () => {
    const requirements = Array.from({ length: 20_000 }, (_, at): Requirement => {
      return { key: 'k', operator: 'NotIn', values: new Set([`v${at}`]) };
    });
    expect(satisfyingAll(requirements).values.size).toBe(20_000);
  });
});
