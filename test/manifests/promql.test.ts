import { expect, it } from 'vitest';
import { readPromql } from './promql.ts';

it('an expression is read with its selectors, matchers and groupings', () => {
  expect(
    readPromql(
      'sum by (le, pod) (rate(a_bucket{x="1",y=~"2|3"}[$__rate_interval])) > 4 and on (job) b unless absent(c)',
    ),
  ).toEqual({
    selectors: [
      {
        name: 'a_bucket',
        matchers: [
          { label: 'x', operator: '=', value: '1' },
          { label: 'y', operator: '=~', value: '2|3' },
        ],
      },
      { name: 'b', matchers: [] },
      { name: 'c', matchers: [] },
    ],
    grouping: ['le', 'pod', 'job'],
  });
});

it.each(['sum(', 'rate(a[5m]', 'a{x=1}', ''])('%s is no expression', (text) => {
  expect(() => readPromql(text)).toThrow('no PromQL');
});
