import { describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { desiredDenyAll } from '../../src/baseline/desired.ts';
import { driftOf, hasIdentity, isForged, isNewer, isTrue, labelChanges } from '../../src/baseline/drift.ts';
import { configAt, shopLabels } from './cluster-double.ts';

const config = configAt('50');
const namespaceLabels = new Map(Object.entries(shopLabels));
const desired = desiredDenyAll({ name: 'shop', labels: namespaceLabels }, config);
const labels = desired.metadata.labels;
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' };
const stored = (metadata: object, spec: unknown = desired.spec) => ({
  ...desired,
  metadata: { labels, ...metadata },
  spec,
});

describe('drift', () => {
  it.each<[string, object | undefined, readonly string[]]>([
    ['nothing there', undefined, ['missing']],
    ['as desired', stored({}), []],
    ['labels and annotations of others', stored({ labels: { ...labels, app: 'x' }, annotations: { note: 'x' } }), []],
    ['no label that says who manages it', stored({ labels: { env: 'prod', tier: 'web', team: 'shop' } }), []],
    ['another specification', stored({}, {}), ['spec']],
    ['another identity', stored({ labels: { ...labels, team: 'other' } }), ['labels']],
    ['an identity the namespace does not have', stored({ labels: { ...labels, sensitivity: 'low' } }), ['labels']],
    ['no labels', stored({ labels: undefined }), ['labels']],
    ['labels that are a list', stored({ labels: ['env'] }), ['labels']],
    ['labels inherited by name only', stored({ labels: JSON.parse('{"__proto__":{"env":"prod"}}') }), ['labels']],
    ['an owner', stored({ ownerReferences: [owner] }), ['owner-references']],
    ['no owners', stored({ ownerReferences: [] }), []],
    ['owners that are text', stored({ ownerReferences: 'x' }), ['owner-references']],
    ['a deletion under way', stored({ deletionTimestamp: '2026-01-01T00:00:00Z' }), ['terminating']],
    [
      'everything',
      { metadata: { ownerReferences: [owner], deletionTimestamp: 'x' }, spec: null },
      ['spec', 'labels', 'owner-references', 'terminating'],
    ],
    ['rubbish', { metadata: 7, spec: 7 }, ['spec', 'labels']],
  ])('%s', (_what, actual, expected) => {
    expect(driftOf(actual, desired, config.taxonomy)).toEqual(expected);
    // The cheap form always gives the same answer.
    const namespace = { labels: namespaceLabels };
    expect(isTrue(actual, { spec: denyAllSpec }, namespace, config.taxonomy)).toBe(expected.length === 0);
  });

  it('is mended by setting what is wrong and taking away what is too much', () => {
    const actual = stored({ labels: { app: 'x', env: 'dev', team: 'shop', internal: 'true' } });
    expect(labelChanges(actual, desired, config.taxonomy)).toEqual({ env: 'prod', tier: 'web', internal: null });
  });

  it('knows exactly the identity of a namespace', () => {
    const namespace = new Map(Object.entries({ ...shopLabels, app: 'x' }));
    expect(hasIdentity(stored({}), namespace, config.taxonomy)).toBe(true);
    expect(hasIdentity(stored({}), new Map([...namespace, ['internal', 'true']]), config.taxonomy)).toBe(false);
    expect(hasIdentity({}, namespace, config.taxonomy)).toBe(false);
  });
});

describe('an object of a newer configuration', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['newer', '51', '60', true],
    ['as numbers, not as text', '100', '160', true],
    ['the same', '50', '60', false],
    ['older', '9', '60', false],
    ['a claim that lies in the future of the object', '61', '60', false],
    ['no claim', undefined, '60', false],
    ['no resourceVersion', '51', undefined, false],
    ['not a number', 'newest', '60', false],
    ['a number nobody should have to read', '9'.repeat(100_000), '60', false],
    ['negative', '-51', '60', false],
    ['no text', 51, 60, false],
  ])('%s', (_what, version, resourceVersion, expected) => {
    const metadata = { annotations: { 'ringfence.dev/config-version': version }, resourceVersion };
    expect(isNewer({ metadata }, config)).toBe(expected);
  });
});

describe('a version that no configuration of this cluster had', () => {
  it.each<[string, unknown, string, boolean]>([
    ['above the live one', '51', '50', true],
    ['as numbers, not as text', '100', '50', true],
    ['the live one', '50', '50', false],
    ['below it', '9', '50', false],
    ['where the cluster holds no configuration', '1', '0', true],
    ['no claim', undefined, '50', false],
    ['a live version that is no number', '51', 'latest', false],
  ])('%s', (_what, version, live, expected) => {
    expect(isForged({ metadata: { annotations: { 'ringfence.dev/config-version': version } } }, live)).toBe(expected);
  });
});
