import { describe, expect, it } from 'vitest';
import { newestOf, type Reading } from '../../src/view/freshness.ts';
import { model, page } from './scene.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();
const parts = [
  { name: 'pods', at: ago(3), isFollowed: true, problem: undefined },
  { name: 'services', at: ago(90), isFollowed: false, problem: undefined },
  { name: 'things.example.com', at: ago(90), isFollowed: false, problem: 'WATCH: 405 <b>' },
  { name: 'doctor', at: ago(90), isFollowed: false, problem: '' },
];

describe('how old a page is', () => {
  const of = async (reading: Partial<Reading>, address = '/fences') =>
    (await page(await model(), address, undefined, reading)).replaceAll('\n', '');

  it('is said for each thing that was read, with what is followed and why not', async () => {
    const text = await of({ parts });
    expect(text).toContain('<summary>Followed: 1 of 4</summary>');
    expect(text).toMatch(/<th scope="row">pods<\/th><td><span class="kind opened">followed<\/span><\/td><td><time/);
    expect(text).toContain('<th scope="row">services</th><td>not followed: you may not watch it</td>');
    expect(text).toContain('<th scope="row">things.example.com</th><td>not followed<br>WATCH: 405 &lt;b&gt;</td>');
    expect(text).toMatch(/<th scope="row">Doctor<\/th><td>not followed<\/td><td><time datetime="[^"]+" data-part="doc/);
  });

  it.each([
    ['configuration', 'Configuration'],
    ['served-kinds', 'List of served kinds'],
    ['doctor', 'Doctor'],
    ['flow-logs', 'Flow logs'],
  ])('names what is never followed: %s', async (name, said) => {
    const text = await of({ parts: [{ name, at: ago(90), isFollowed: false, problem: '' }] });
    expect(text).toContain(`<th scope="row">${said}</th><td>not followed</td>`);
  });

  it('is in Chinese too, with the words of the API in English', async () => {
    const text = await of({ parts }, '/fences?lang=zh');
    expect(text).toContain('<summary>持续跟踪：1/4</summary>');
    expect(text).toContain('<td>不跟踪：你没有 watch 权限</td>');
    expect(text).toContain('<span lang="en">WATCH: 405 &lt;b&gt;</span>');
  });

  it('has no list of parts for files', async () => {
    expect(await of({})).not.toContain('<details class="parts">');
  });

  it.each([
    [{ hasChanged: true }, 'data-when="changed">'],
    [{ hasChanged: false }, 'data-when="changed" hidden>'],
    [{ parts: [{ ...(parts[0] as (typeof parts)[0]), at: ago(10_000_000) }] }, 'data-when="silent">'],
    [{ parts: [] }, 'data-when="silent" hidden>'],
    [{ isReading: true }, 'data-when="reading">'],
    [{ failure: 'no <b>' }, 'data-when="failed" data-text="The last attempt'],
    [{ failure: 'no <b>' }, 'so some of this is older: no &lt;b&gt;</p>'],
    [{}, 'some of this is older: #" hidden>'],
    [{}, 'data-when="newer" hidden>'],
    [{}, 'data-when="gone" hidden>'],
    [{ number: 7 }, 'data-number="7"'],
  ])('%j is said as %s', async (reading, markup) => {
    expect(await of(reading)).toContain(markup);
  });
});

describe('what an open page asks for', () => {
  const reading = { number: 4, at: ago(0), seconds: 0, isReading: false, hasChanged: true, failure: undefined, parts };

  it('is the number of the reading, and when each thing was heard of', () => {
    expect(newestOf(reading, now)).toEqual({
      number: 4,
      reading: false,
      changed: true,
      silent: false,
      failure: null,
      heard: { pods: ago(3), services: ago(90), 'things.example.com': ago(90), doctor: ago(90) },
    });
  });

  it('is silence where what is followed has not been heard of for a minute and a half', () => {
    expect(newestOf(reading, now + 87_000).silent).toBe(false);
    expect(newestOf(reading, now + 87_001).silent).toBe(true);
  });
});
