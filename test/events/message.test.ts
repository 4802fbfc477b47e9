import { describe, expect, it } from 'vitest';
import { claimOf } from '../../src/events/claim.ts';
import { eventMessage, headlineOf } from '../../src/events/message.ts';
import type { Occurrence } from '../../src/events/occurrence.ts';
import { occurrence } from './scene.ts';

const refusal = [
  'Pod shop/web: 2 labels keep it out',
  '  env   "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]',
  '  team  missing; namespace shop says team=shop                        [required-labels]',
  'Fix, under metadata.labels:',
  '  env: prod',
].join('\n');

describe('the message of an Event', () => {
  it('is the refusal on one line: kubectl shows no other in its tables', () => {
    expect(eventMessage(refusal)).toBe(
      'Pod shop/web: 2 labels keep it out | env "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values] | team missing; namespace shop says team=shop [required-labels] | Fix, under metadata.labels: | env: prod',
    );
  });

  it.each([
    ['letters', 'a'],
    ['letters of two bytes', 'ü'],
    ['letters of three bytes', '€'],
    ['letters of four bytes', '𝄞'],
  ])('has 1,024 bytes at most: %s', (_, letter) => {
    const message = eventMessage(letter.repeat(1_500));
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(message)).toBeGreaterThan(1020);
    expect(message.endsWith(`${letter}…`)).toBe(true);
  });

  it('is left whole up to that', () => {
    expect(eventMessage('ü'.repeat(512))).toBe('ü'.repeat(512));
  });

  it('moves no cursor, and is Unicode whatever came', () => {
    expect(eventMessage('a\u001b[2Jb\u0007c\ud800d\r\n\te')).toBe('a [2Jb c\ufffdd | e');
  });
});

describe('two occurrences', () => {
  const headline = (over: Partial<Occurrence>): string => {
    const some = occurrence(over);
    const claim = claimOf(some);
    return claim === undefined ? '' : headlineOf(some, claim);
  };

  it('of one controller are the same whatever it named its objects', () => {
    expect(headline({ name: 'web-7d4-fghij' })).toBe('Pod: 1 label keeps it out');
  });

  it('of nobody are told apart by their names', () => {
    expect(headline({ name: 'web', owners: [] })).toBe('Pod shop/web: 1 label keeps it out');
  });

  it('are told apart by their first line, within bounds', () => {
    expect(headline({ message: 'one\ntwo' })).toBe('one');
    expect(headline({ message: 'x'.repeat(1_000_000) }).length).toBeLessThan(1_000);
  });
});
