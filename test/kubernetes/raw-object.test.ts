import { describe, expect, it } from 'vitest';
import { controllerIn, isObject, listAt, own, recordOf, textAt, valueAt } from '../../src/kubernetes/raw-object.ts';

const forged: unknown = JSON.parse('{"__proto__": {"a": 1}, "metadata": {"labels": {"constructor": "x"}}}');

describe('own', () => {
  it.each<[unknown, string, unknown]>([
    [{ a: 1 }, 'a', 1],
    [{}, 'constructor', undefined],
    [JSON.parse('{"__proto__": "own"}'), '__proto__', 'own'],
    [forged, 'a', undefined],
    [null, 'a', undefined],
    ['text', 'length', undefined],
    [['a list'], '0', undefined],
    [['a list'], 'length', undefined],
  ])('of %j: %s is %j', (value, key, expected) => {
    expect(own(value, key)).toBe(expected);
  });
});

describe('isObject', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [[], false],
    [null, false],
    [undefined, false],
    ['text', false],
  ])('of %j is %j; recordOf gives the same object or an empty one', (value, expected) => {
    expect(isObject(value)).toBe(expected);
    expect(recordOf(value)).toEqual(expected ? value : {});
  });
});

describe('a path', () => {
  const object = { spec: { hosts: ['a'], name: 'b', empty: '', none: null } };

  it('leads to own properties alone, and to nothing past what is no mapping', () => {
    expect(valueAt(object, 'spec', 'name')).toBe('b');
    expect(valueAt(object)).toBe(object);
    expect(valueAt(object, 'spec', 'none')).toBe(null);
    expect(valueAt(object, 'spec', 'hosts', '0')).toBeUndefined();
    expect(valueAt(object, 'constructor', 'name')).toBeUndefined();
    expect(valueAt(forged, 'metadata', 'labels', 'constructor')).toBe('x');
  });

  it('gives a text only where there is one, and a list always', () => {
    expect(textAt(object, 'spec', 'name')).toBe('b');
    expect(textAt(object, 'spec', 'empty')).toBeUndefined();
    expect(textAt(object, 'spec', 'hosts')).toBeUndefined();
    expect(listAt(object, 'spec', 'hosts')).toEqual(['a']);
    expect(listAt(object, 'spec', 'name')).toEqual([]);
  });
});

it.each<[string, unknown, boolean]>([
  ['an object without owners', { metadata: {} }, false],
  ['one that belongs to another, which does not control it', owned({ kind: 'App' }, { controller: false }), false],
  ['one that a controller made', owned({ controller: true }), true],
  ['one of several owners', owned({ kind: 'App' }, { controller: true }), true],
  ['owners that are none', { metadata: { ownerReferences: 'x' } }, false],
  ['an owner that is null', owned(null), false],
  ['what is no object', null, false],
])('%s is controlled: %s', (_, object, expected) => {
  expect(controllerIn(valueAt(object, 'metadata', 'ownerReferences')) !== undefined).toBe(expected);
});

function owned(...ownerReferences: readonly unknown[]): unknown {
  return { metadata: { ownerReferences } };
}
