import { describe, expect, it } from 'vitest';
import { weighBody } from '../../src/server/weight.ts';

const mebibyte = 1024 * 1024;
const weigh = (text: string) => weighBody(Buffer.from(text));
/** A list of this many bytes, with one repeated element. */
const listOf = (element: string, bytes = mebibyte) => `[${element.repeat(Math.ceil(bytes / element.length))}0]`;

describe('the weight of a body', () => {
  it.each<[string, string, number]>([
    ['text is its length, twice', `"${'x'.repeat(mebibyte)}"`, 2],
    ['text full of commas and brackets is the same', `"${'[{,'.repeat(mebibyte / 3)}"`, 2],
    ['text full of quotes is the same', `"${'\\",'.repeat(mebibyte / 3)}"`, 2],
    ['text that ends in backslashes ends there', `["${'\\\\'.repeat(mebibyte / 2)}", ","]`, 2],
    ['text without an end is text', `"${'{'.repeat(mebibyte)}`, 2],
    ['empty objects in a list are two values for each three bytes', listOf('{},'), 2 + (2 * 48) / 3],
    ['nested lists are a value for each byte', '['.repeat(mebibyte), 2 + 48],
    ['numbers are a value for each two bytes', listOf('1,'), 2 + 48 / 2],
    ['closing brackets are none', '}'.repeat(mebibyte), 2],
  ])('of %s', (_, text, perByte) => {
    expect(weigh(text) / text.length).toBeCloseTo(perByte, 1);
  });

  it('of a short body is that of a dense one, whatever is in it', () => {
    expect(weigh('x'.repeat(1000))).toBe(16_000);
    expect(weigh('{'.repeat(1000))).toBe(16_000);
  });
});
