import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/config/pattern.ts';

describe('compilePattern', () => {
  it('keeps the expression as it was written', () => {
    expect(compilePattern('a|b')).toMatchObject({ source: 'a|b' });
  });

  it.each(['(', '[z-a]', 'a**', '(?=a)b', '(a)\\1', '(a{1000}){1000}'])('says what is wrong with %s', (source) => {
    expect(compilePattern(source)).toEqual({ wrong: expect.stringMatching(/^[^\n]+$/) });
  });

  // A backtracking engine needs 2^63 steps for the first. The default timeout of a test would fail
  // it.
  it.each(['(a|a)*b', '(a+)+b', '(a*)*b', 'a*a*a*a*a*a*a*a*a*b'])('answers at once for %s', (source) => {
    const pattern = compilePattern(source);
    expect('test' in pattern && pattern.test('a'.repeat(63))).toBe(false);
    expect('test' in pattern && pattern.test(`${'a'.repeat(62)}b`)).toBe(true);
  });
});
