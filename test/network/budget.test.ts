import { describe, expect, it } from 'vitest';
import { createBudget } from '../../src/network/budget.ts';
import { bytesOf, measure } from '../../src/network/extent.ts';

describe('a budget', () => {
  it('gives what it has and no more, and nothing once somebody asked for more', () => {
    const budget = createBudget({ policyWork: 1, work: 10, memory: 5 });
    expect([10, 0].map(budget.takeWork)).toEqual([true, true]);
    expect([1, 0].map(budget.takeWork)).toEqual([false, false]);
    expect([6, 1, 0].map(budget.takeMemory)).toEqual([false, false, false]);
  });
});

describe('the extent of a JSON value', () => {
  it.each<[unknown, number, number]>([
    [undefined, 0, 0],
    ['text', 0, 4],
    [[], 0, 0],
    [[1, null, true], 3, 0],
    [{ a: { bc: 'def' } }, 2, 6],
    [[['x'], ['y', {}]], 5, 2],
  ])('%j has %i values and %i characters', (value, values, characters) => {
    expect(measure(value, 100)).toEqual({ values, characters });
    expect(bytesOf(measure(value, 100))).toBe(values * 48 + characters * 2);
  });

  it('is measured no further than its limit, and however deep it is', () => {
    expect(measure([[1, 2, 3], Array.from({ length: 1_000 }, () => ['x'])], 3).characters).toBe(0);
    let deep: unknown = [];
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(measure(deep, 1_000_000).values).toBe(100_000);
  });
});
