import { expect, it } from 'vitest';
import { readResourceVersion } from '../../src/kubernetes/resource-version.ts';

it.each([
  ['0', 0n],
  ['9', 9n],
  ['10', 10n],
  ['18446744073709551615', 18_446_744_073_709_551_615n],
  ['', undefined],
  ['7a', undefined],
  ['-1', undefined],
  [' 1', undefined],
  ['9'.repeat(21), undefined],
  [7, undefined],
  [null, undefined],
  [undefined, undefined],
])('the version %j is %s', (text, version) => {
  expect(readResourceVersion(text)).toBe(version);
});
