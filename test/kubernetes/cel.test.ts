import { describe, expect, it } from 'vitest';
import { list, literal, text } from '../../src/kubernetes/cel.ts';

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
