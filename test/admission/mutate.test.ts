import { describe, expect, it } from 'vitest';
import { markNamespace } from '../../src/admission/mutate.ts';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import { configIn, identity, namespace, pod, request, type Wire } from './scene.ts';

const enforce = configIn('enforce');
const path = '/metadata/labels/ringfence.dev~1fence';

describe('markNamespace', () => {
  it.each<[string, Wire, readonly object[]]>([
    ['adds the mark to the labels', namespace(identity), [{ op: 'add', path, value: 'true' }]],
    [
      'makes the labels where there are none',
      namespace(undefined),
      [{ op: 'add', path: '/metadata/labels', value: { [fenceMark]: 'true' } }],
    ],
    [
      'makes them where they are null',
      namespace(null),
      [{ op: 'add', path: '/metadata/labels', value: { [fenceMark]: 'true' } }],
    ],
    ['leaves a mark of any value alone', namespace({ ...identity, [fenceMark]: '' }), []],
    [
      'marks a namespace whose name is to be made',
      { metadata: { generateName: 'x-', labels: {} } },
      [{ op: 'add', path, value: 'true' }],
    ],
    ['leaves an exempt name alone', namespace(identity, 'kube-system'), []],
    ['leaves our own namespace alone', namespace(identity, 'ringfence-system'), []],
    [
      'is not taken in by a label of a prototype',
      namespace(JSON.parse(`{"__proto__": {"${fenceMark}": "x"}}`)),
      [{ op: 'add', path, value: 'true' }],
    ],
    ['gives no patch to labels that are a text', namespace('env=prod'), []],
    ['gives no patch to labels that are a list', namespace([]), []],
    ['gives no patch to metadata that is a list', { metadata: [] }, []],
    ['gives no patch to an object without metadata', { kind: 'Namespace' }, []],
  ])('%s', (_, object, expected) => {
    expect(markNamespace(request('Namespace', object), true, enforce)).toEqual(expected);
  });

  it.each<[string, unknown, boolean]>([
    ['a name under an exempt prefix', { name: 'openshift-x' }, false],
    ['a name to be made under an exempt prefix', { generateName: 'openshift-x-' }, false],
    ['a name beside an exempt prefix', { name: 'openshift', generateName: 'openshift-' }, true],
    ['a name to be made of part of a prefix', { generateName: 'open' }, true],
    ['a name to be made like an exempt one', { generateName: 'kube-system' }, true],
  ])('%s is marked or left alone', (_, metadata, isMarked) => {
    const config = { ...enforce, exemptPrefixes: ['openshift-'] };
    expect(markNamespace(request('Namespace', { metadata }), true, config)).toHaveLength(isMarked ? 1 : 0);
  });

  it.each<[string, Parameters<typeof request>]>([
    ['an update', ['Namespace', namespace(identity), { operation: 'UPDATE' }]],
    ['a deletion', ['Namespace', null, { operation: 'DELETE' }]],
    ['another kind', ['Pod', pod()]],
  ])('has nothing to do with %s', (_, given) => {
    expect(markNamespace(request(...given), true, enforce)).toEqual([]);
  });

  it.each([
    ['nothing', {}, 0],
    ['observe', { [modeLabel]: 'observe' }, 0],
    ['enforce', { [modeLabel]: 'enforce' }, 1],
  ])('where the cluster does not enforce, and the namespace says %s, adds %j: %i', (_, labels, operations) => {
    const object = namespace({ ...identity, ...labels });
    expect(markNamespace(request('Namespace', object), false, enforce)).toHaveLength(operations);
  });
});
