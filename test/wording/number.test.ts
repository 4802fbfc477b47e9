import { describe, expect, it } from 'vitest';
import { agree, countOf, pluralOf } from '../../src/wording/number.ts';
import { codeOf, sources } from '../house/sources.ts';

describe('a count in a sentence', () => {
  it.each([
    [0, 'finding', '0 findings'],
    [1, 'finding', '1 finding'],
    [2, 'finding', '2 findings'],
    [1, 'NetworkPolicy', '1 NetworkPolicy'],
    [2, 'NetworkPolicy', '2 NetworkPolicies'],
  ])('%i %s: %s', (count, noun, text) => {
    expect(countOf(count, noun)).toBe(text);
  });

  it('has the verb that goes with it', () => {
    expect([0, 1, 2].map((count) => agree(count, 'is', 'are'))).toEqual(['are', 'is', 'are']);
  });

  it.each([
    ['AuthorizationPolicy', 'AuthorizationPolicies'],
    ['Gateway', 'Gateways'],
    ['IngressRoute', 'IngressRoutes'],
    ['EgressQoS', 'EgressQoS'],
  ])('%s has the plural %s', (noun, many) => {
    expect(pluralOf(noun)).toBe(many);
  });
});

describe('the sources', () => {
  const others = sources.filter(({ room }) => room !== 'wording');

  // `n === 1 ? 'is' : 'are'`, and `s` added by hand.
  it('choose a word by a count only here', () => {
    const byHand = others.flatMap(({ path, text }) =>
      [...codeOf(text).matchAll(/[!=]== 1\s*\?\s*'[a-zA-Z ]*'\s*:\s*'[a-zA-Z ]*'/g)].map(
        ([found]) => `${path}: ${found}`,
      ),
    );
    expect(byHand).toEqual([]);
  });
});
