import { describe, expect, it } from 'vitest';
import { carriesBundle, completeConfiguration, replacementOf } from '../../src/installation/webhook-configuration.ts';
import { template, withDefaults } from './memory-configurations.ts';

const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'ringfence-system', uid: 'u1' };
const facts = { caBundle: 'PEM', owners: [owner] };
const empty = { ...template('Mutating'), webhooks: [] };

describe('a completed configuration', () => {
  it('carries the bundle in every entry, and its owner', () => {
    const complete = completeConfiguration(template('Validating'), facts);
    expect(complete.webhooks.map(({ clientConfig }) => clientConfig)).toEqual([
      { service: { namespace: 'ringfence-system', name: 'ringfence', path: '/validate' }, caBundle: 'UEVN' },
      { service: { namespace: 'ringfence-system', name: 'ringfence', path: '/validate' }, caBundle: 'UEVN' },
    ]);
    expect(complete.metadata.ownerReferences).toEqual([owner]);
    expect(carriesBundle(complete, 'PEM')).toBe(true);
    expect(carriesBundle(complete, 'OTHER')).toBe(false);
  });

  it('has no owner outside the cluster', () => {
    expect(completeConfiguration(template('Validating'), { ...facts, owners: [] }).metadata).toEqual(
      template('Validating').metadata,
    );
  });

  it('without entries trusts nobody, and so lacks no bundle', () => {
    expect(carriesBundle(withDefaults('Mutating', empty), 'PEM')).toBe(true);
  });
});

describe('a replacement', () => {
  it('keeps what others put into the metadata, and refuses to hit another object', () => {
    const desired = completeConfiguration(template('Mutating'), facts);
    const actual = {
      metadata: {
        name: 'ringfence',
        uid: 'u9',
        resourceVersion: '12',
        finalizers: ['x.dev/y'],
        labels: { team: 'platform', 'app.kubernetes.io/managed-by': 'someone' },
        annotations: { note: 'x' },
        ownerReferences: [{ ...owner, uid: 'gone' }],
        managedFields: [{}],
      },
      webhooks: [],
    };
    expect(replacementOf(actual, desired)).toEqual({
      ...desired,
      metadata: {
        name: 'ringfence',
        uid: 'u9',
        resourceVersion: '12',
        finalizers: ['x.dev/y'],
        labels: { team: 'platform', 'app.kubernetes.io/managed-by': 'ringfence' },
        annotations: { note: 'x', 'ringfence.dev/config-version': '7' },
        ownerReferences: [owner],
      },
    });
  });

  it.each([undefined, null, [], { metadata: 'x' }])(
    'of something that is no object (%j) is what is desired',
    (actual) => {
      const desired = completeConfiguration(template('Mutating'), facts);
      expect(replacementOf(actual, desired)).toEqual(desired);
    },
  );
});
