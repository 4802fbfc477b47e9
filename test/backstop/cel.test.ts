import { describe, expect, it } from 'vitest';
import { isAllowed, list, literal, text } from '../../src/backstop/cel.ts';
import { buildKey } from '../../src/config/taxonomy.ts';

const pattern = (source: string) => isAllowed(buildKey('team', { pattern: source }), 'value');

describe('a literal', () => {
  it.each([
    ['plain', '"plain"'],
    ['a "quoted" word', '"a \\"quoted\\" word"'],
    ['back\\slash', '"back\\\\slash"'],
    ['two\nlines\tand a tab', '"two\\nlines\\tand a tab"'],
    ['\u0000', '"\\u0000"'],
    ['half \ud800 of a pair', '"half \ufffd of a pair"'],
    ['"] || true || ["', '"\\"] || true || [\\""'],
  ])('of %j ends where it should', (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it.each([
    [list([]), '[]'],
    [list(['a', 'b"']), '["a", "b\\""]'],
    [literal({}), '{}'],
    [literal({ port: 53, protocol: 'UDP', end: undefined }), '{"port": dyn(53), "protocol": dyn("UDP")}'],
    [literal([{ to: [] }, true]), '[dyn({"to": dyn([])}), dyn(true)]'],
  ])('of a list or a map holds values of any type: %s', (found, expected) => {
    expect(found).toBe(expected);
  });
});

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
