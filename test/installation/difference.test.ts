import { describe, expect, it } from 'vitest';
import { differencesOf, isNewer } from '../../src/installation/difference.ts';
import { completeConfiguration } from '../../src/installation/webhook-configuration.ts';
import { type Raw, template, withDefaults } from './memory-configurations.ts';

const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'ringfence-system', uid: 'u1' };
const other = { ...owner, name: 'gone', uid: 'u2' };
const desired = completeConfiguration(template('Mutating'), { caBundle: 'PEM', owners: [owner] });

function changed(tweak: (raw: Raw, webhook: NonNullable<Raw['webhooks']>[number]) => void): Raw {
  const raw = withDefaults('Mutating', desired);
  const [webhook] = raw.webhooks ?? [];
  if (webhook === undefined) throw new Error('no webhook');
  tweak(raw, webhook);
  return raw;
}

describe('no difference', () => {
  it.each<[string, Parameters<typeof changed>[0]]>([
    ['what the API server fills in', () => undefined],
    [
      'server-set metadata',
      (raw) => Object.assign(raw.metadata, { generation: 9, selfLink: 'x', managedFields: [{}] }),
    ],
    ['a label of another', (raw) => Object.assign(raw.metadata['labels'] as object, { team: 'platform' })],
    ['an annotation of another', (raw) => Object.assign(raw.metadata['annotations'] as object, { note: 'x' })],
    ['a finalizer of another', (raw) => Object.assign(raw.metadata, { finalizers: ['x.dev/y'] })],
    [
      'defaults left out',
      (_raw, webhook) => {
        delete webhook['failurePolicy'];
        delete webhook['matchPolicy'];
        delete webhook['objectSelector'];
        delete webhook['reinvocationPolicy'];
      },
    ],
    [
      'a requirement of another on a key of its own',
      (_raw, webhook) => {
        const selector = webhook['namespaceSelector'] as { matchExpressions: object[] };
        selector.matchExpressions.push({ key: 'control-plane', operator: 'NotIn', values: ['true'] });
      },
    ],
    [
      'an empty selector written out',
      (_raw, webhook) => {
        webhook['objectSelector'] = { matchLabels: {}, matchExpressions: [] };
      },
    ],
    [
      'a field of a newer API server',
      (_raw, webhook) => {
        webhook['somethingNew'] = 'Default';
      },
    ],
  ])('is %s', (_title, tweak) => {
    expect(differencesOf(changed(tweak), desired)).toEqual([]);
  });
});

describe('a difference', () => {
  const first = 'webhooks[mark.ringfence.dev]';
  it.each<[string, Parameters<typeof changed>[0], string]>([
    ['a label taken away', (raw) => void delete raw.metadata['labels'], 'metadata.labels.app.kubernetes.io/managed-by'],
    [
      'another version',
      (raw) => Object.assign(raw.metadata['annotations'] as object, { 'ringfence.dev/config-version': '6' }),
      'metadata.annotations.ringfence.dev/config-version',
    ],
    ['an owner taken away', (raw) => void delete raw.metadata['ownerReferences'], 'metadata.ownerReferences'],
    [
      'an owner more',
      (raw) => Object.assign(raw.metadata, { ownerReferences: [owner, other] }),
      'metadata.ownerReferences',
    ],
    ['another owner', (raw) => Object.assign(raw.metadata, { ownerReferences: [other] }), 'metadata.ownerReferences'],
    ['no webhooks', (raw) => void delete raw.webhooks, 'webhooks'],
    ['a webhook less', (raw) => void raw.webhooks?.pop(), 'webhooks'],
    ['a webhook more', (raw, webhook) => void raw.webhooks?.push({ ...webhook, name: 'z.evil.dev' }), 'webhooks'],
    ['another order', (raw) => void raw.webhooks?.reverse(), 'webhooks'],
    ['no caBundle', (_raw, webhook) => void delete webhook.clientConfig['caBundle'], `${first}.clientConfig`],
    [
      'an emptied caBundle',
      (_raw, webhook) => Object.assign(webhook.clientConfig, { caBundle: '' }),
      `${first}.clientConfig`,
    ],
    [
      'another port',
      (_raw, webhook) => Object.assign(webhook.clientConfig['service'] as object, { port: 444 }),
      `${first}.clientConfig`,
    ],
    [
      'a url',
      (_raw, webhook) =>
        Object.assign(webhook, {
          clientConfig: { url: 'https://evil.dev', caBundle: webhook.clientConfig['caBundle'] },
        }),
      `${first}.clientConfig`,
    ],
    ['rules emptied', (_raw, webhook) => Object.assign(webhook, { rules: [] }), `${first}.rules`],
    [
      'an operation taken away',
      (_raw, webhook) => void (webhook['rules'] as { operations: string[] }[])[0]?.operations.pop(),
      `${first}.rules`,
    ],
    [
      'a narrower scope',
      (_raw, webhook) => void Object.assign((webhook['rules'] as object[])[0] ?? {}, { scope: 'Cluster' }),
      `${first}.rules`,
    ],
    [
      'an objectSelector',
      (_raw, webhook) => Object.assign(webhook, { objectSelector: { matchLabels: { skip: '' } } }),
      `${first}.objectSelector`,
    ],
    [
      'no namespaceSelector',
      (_raw, webhook) => Object.assign(webhook, { namespaceSelector: {} }),
      `${first}.namespaceSelector`,
    ],
    [
      'a requirement more on a key of ours',
      (_raw, webhook) => {
        const selector = webhook['namespaceSelector'] as { matchExpressions: object[] };
        selector.matchExpressions.push({ key: 'a', operator: 'NotIn', values: ['shop'] });
      },
      `${first}.namespaceSelector`,
    ],
    [
      'a requirement on a key that is reserved',
      (_raw, webhook) => {
        const selector = webhook['namespaceSelector'] as { matchExpressions: object[] };
        selector.matchExpressions.push({ key: 'ringfence.dev/mode', operator: 'DoesNotExist' });
      },
      `${first}.namespaceSelector`,
    ],
    [
      'a milder failurePolicy',
      (_raw, webhook) => Object.assign(webhook, { failurePolicy: 'Ignore' }),
      `${first}.failurePolicy`,
    ],
    [
      'another matchPolicy',
      (_raw, webhook) => Object.assign(webhook, { matchPolicy: 'Exact' }),
      `${first}.matchPolicy`,
    ],
    ['a longer timeout', (_raw, webhook) => Object.assign(webhook, { timeoutSeconds: 30 }), `${first}.timeoutSeconds`],
    [
      'a match condition more',
      (_raw, webhook) => void (webhook['matchConditions'] as object[]).push({ name: 'never', expression: 'false' }),
      `${first}.matchConditions`,
    ],
    [
      'no match conditions',
      (_raw, webhook) => Object.assign(webhook, { matchConditions: null }),
      `${first}.matchConditions`,
    ],
    [
      'another reinvocationPolicy',
      (_raw, webhook) => Object.assign(webhook, { reinvocationPolicy: 'IfNeeded' }),
      `${first}.reinvocationPolicy`,
    ],
  ])('is %s', (_title, tweak, path) => {
    expect(differencesOf(changed(tweak), desired)).toEqual([path]);
  });

  it.each([undefined, null, [], 'text', 1, {}, { metadata: [], webhooks: {} }, { webhooks: [null, 1] }])(
    'is anything that is no webhook configuration (%j)',
    (actual) => {
      expect(differencesOf(actual, desired)).toContain('webhooks');
    },
  );
});

describe('newer', () => {
  it.each([
    ['8', true],
    ['7', false],
    ['6', false],
    ['10', true],
    ['18446744073709551615', true],
    ['999999999999999999999999', false],
    ['', false],
    ['eight', false],
    ['-8', false],
    [8, false],
    [undefined, false],
  ])('than version 7 is %j: %j', (version, expected) => {
    const actual = { metadata: { annotations: { 'ringfence.dev/config-version': version } } };
    expect(isNewer(actual, desired, 'ringfence.dev/config-version')).toBe(expected);
  });
});
