import { expect, it } from 'vitest';
import type { Figure } from '../../bench/figures.ts';
import { plotGrowth } from '../../bench/plot.ts';

const figures: readonly Figure[] = [10, 1_000].flatMap((size) => [
  { of: `${size.toLocaleString('en')} namespaces`, label: 'Pod of 3 KB, observe', value: 40, unit: 'µs' },
  { of: `${size.toLocaleString('en')} namespaces`, label: 'resident memory, idle', value: size, unit: 'MB' },
]);

it('names what it shows, with its unit, on a ground of its own', () => {
  const svg = plotGrowth(figures, 'dark');
  for (const text of ['processor time of a review', 'namespaces', 'µs', 'resident memory, idle', 'MB', 'observe'])
    expect(svg).toContain(`>${text}</text>`);
  expect(svg).toContain('#0d1117');
  expect(plotGrowth(figures, 'light')).not.toContain('#0d1117');
});

it('gives the same file for the same figures, whatever was drawn before', () => {
  const first = plotGrowth(figures, 'light');
  plotGrowth(figures, 'dark');
  expect(plotGrowth(figures, 'light')).toBe(first);
});
