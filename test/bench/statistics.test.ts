import { expect, it } from 'vitest';
import { mean, median, quantile, slope } from '../../bench/statistics.ts';

it('finds the middle, a share and the mean of values in any order', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(quantile([4, 1, 3, 2], 0.99)).toBe(4);
  expect(mean([1, 2, 6])).toBe(3);
});

it('fits a line', () => {
  const points = [
    [0, 1],
    [1, 3],
    [2, 5],
  ] as const;
  expect(slope(points)).toBeCloseTo(2);
});
