import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/policy/spelling.ts';

const environments = ['prod', 'staging', 'dev'];

describe('the nearest spelling', () => {
  it.each([
    ['prd', environments, 'prod'],
    ['PROD', environments, 'prod'],
    ['production', environments, 'prod'],
    ['stagign', environments, 'staging'],
    ['evn', ['env', 'tier', 'team'], 'env'],
    ['teir', ['env', 'tier', 'team'], 'tier'],
    ['qa', environments, undefined],
    ['', environments, undefined],
    ['notprod', environments, undefined],
    ['x'.repeat(10_000), environments, undefined],
    ['constructor', environments, undefined],
  ] as const)('of %s among %j is %s', (text, candidates, expected) => {
    expect(nearest(text, candidates)).toBe(expected);
  });

  it('does not look for a slip among more words than a person writes', () => {
    const labels = (count: number) => ['taem', ...Array.from({ length: count }, (_, index) => `label-${index}`)];
    expect(nearest('team', labels(999))).toBe('taem');
    expect(nearest('team', labels(1000))).toBeUndefined();
  });
});
