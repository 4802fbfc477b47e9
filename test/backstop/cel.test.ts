import { describe, expect, it } from 'vitest';
import { isAllowed } from '../../src/backstop/cel.ts';
import { buildKey } from '../../src/config/taxonomy.ts';

const pattern = (source: string) => isAllowed(buildKey('team', { pattern: source }), 'value');

describe('the vocabulary', () => {
  it('is a list, or a pattern that the whole value must match', () => {
    expect(isAllowed(buildKey('env', { values: ['prod', 'dev'] }), 'value')).toBe('value in ["prod", "dev"]');
    expect(pattern('a|b')).toBe('value.matches("^(?:a|b)$")');
  });

  it.each([
    ['\\Qa.b', '^(?:\\Qa.b\\E)$'],
    ['\\Qa\\E|\\Qb', '^(?:\\Qa\\E|\\Qb\\E)$'],
    ['\\Qa\\E', '^(?:\\Qa\\E)$'],
    ['\\\\Qa', '^(?:\\\\Qa)$'],
    ['[\\\\]Q', '^(?:[\\\\]Q)$'],
  ])('a quote in %j does not swallow the anchor', (source, anchored) => {
    expect(pattern(source)).toBe(`value.matches(${JSON.stringify(anchored)})`);
  });
});
