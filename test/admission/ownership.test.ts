import { expect, it } from 'vitest';
import { isControlled } from '../../src/admission/ownership.ts';

it.each<[string, unknown, boolean]>([
  ['an object without owners', { metadata: {} }, false],
  ['one that belongs to another, which does not control it', owned({ kind: 'App' }, { controller: false }), false],
  ['one that a controller made', owned({ controller: true }), true],
  ['one of several owners', owned({ kind: 'App' }, { controller: true }), true],
  ['owners that are none', { metadata: { ownerReferences: 'x' } }, false],
  ['an owner that is null', owned(null), false],
  ['what is no object', null, false],
])('%s is controlled: %s', (_, object, expected) => {
  expect(isControlled(object)).toBe(expected);
});

function owned(...ownerReferences: readonly unknown[]): unknown {
  return { metadata: { ownerReferences } };
}
