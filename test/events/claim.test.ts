import { describe, expect, it } from 'vitest';
import { claimOf, ownerIn } from '../../src/events/claim.ts';
import { workloadKinds } from '../../src/kubernetes/kinds.ts';
import { occurrence, reference } from './scene.ts';

describe('the owner that an object names', () => {
  it.each(workloadKinds)('may be a %s', (kind) => {
    expect(ownerIn([reference(kind, 'web')])).toEqual({ kind, name: 'web', uid: 'uid-web' });
  });

  it('is the one that controls it', () => {
    const owners = [reference('Job', 'other', { controller: false }), reference('ReplicaSet', 'web')];
    expect(ownerIn(owners)).toMatchObject({ kind: 'ReplicaSet', name: 'web' });
  });

  it.each([
    ['no list', 'ReplicaSet'],
    ['nothing', undefined],
    ['null', [null]],
    ['a number', [7]],
    ['nobody in control', [reference('ReplicaSet', 'web', { controller: false })]],
    ['control by a text', [reference('ReplicaSet', 'web', { controller: 'true' })]],
    ['a kind of its own', [reference('Rollout', 'web')]],
    ['a kind from the prototype', [reference('constructor', 'web')]],
    ['the kind of another group', [reference('ReplicaSet', 'web', { apiVersion: 'example.com/v1' })]],
    ['a group as a version', [reference('ReplicaSet', 'web', { apiVersion: 'apps' })]],
    ['no uid', [reference('ReplicaSet', 'web', { uid: '' })]],
    ['an endless uid', [reference('ReplicaSet', 'web', { uid: 'u'.repeat(65) })]],
    ['an endless name', [reference('ReplicaSet', 'w'.repeat(254))]],
    ['a path as a name', [reference('ReplicaSet', '../../secrets')]],
    ['another path as a name', [reference('ReplicaSet', '..')]],
  ])('is none: %s', (_, owners) => {
    expect(ownerIn(owners)).toBeUndefined();
  });
});

describe('a claim', () => {
  it('is about the namespace where nobody made the object', () => {
    const claim = { namespace: 'shop', isNamespace: false, owner: undefined, isMade: false };
    expect(claimOf(occurrence({ owners: undefined }))).toEqual(claim);
  });

  it('is about the namespace where something unknown made the object, whose name is a machine’s all the same', () => {
    const claim = { namespace: 'shop', isNamespace: false, owner: undefined, isMade: true };
    expect(claimOf(occurrence({ owners: [reference('Rollout', 'web')] }))).toEqual(claim);
  });

  it('of a Namespace is about itself, whoever it says made it', () => {
    const claim = { namespace: 'lab', isNamespace: true, owner: undefined, isMade: false };
    expect(claimOf(occurrence({ kind: 'Namespace', namespace: 'shop', name: 'lab' }))).toEqual(claim);
  });

  it.each(['', 'Shop', '..', 'a/b', 'a.b', 'a'.repeat(64)])('is none in a namespace named "%s"', (namespace) => {
    expect(claimOf(occurrence({ namespace }))).toBeUndefined();
  });

  it('is none without a namespace', () => {
    expect(claimOf(occurrence({ namespace: undefined }))).toBeUndefined();
    expect(claimOf(occurrence({ kind: 'Namespace', name: '' }))).toBeUndefined();
  });
});
