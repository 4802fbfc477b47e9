import { describe, expect, it } from 'vitest';
import { isCidr } from '../../src/config/schema-problems.ts';

describe('isCidr', () => {
  it.each([
    ['169.254.20.10/32', true],
    ['0.0.0.0/0', true],
    ['fd00::/8', true],
    ['::1/128', true],
    ['10.0.0.0', false],
    ['10.0.0.0/', false],
    ['10.0.0.0/33', false],
    ['10.0.0.0/08', false],
    ['10.0.0.0/-1', false],
    ['10.0.0/8', false],
    ['010.0.0.0/8', false],
    ['::/129', false],
    ['fe80::1%eth0/64', false],
    ['10.0.0.0/8/8', false],
    ['', false],
  ])('%s: %s', (text, answer) => {
    expect(isCidr(text)).toBe(answer);
  });
});
