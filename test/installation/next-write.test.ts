import { expect, it } from 'vitest';
import { nextWrite, type WriteState } from '../../src/installation/next-write.ts';
import type { WebhookConfiguration } from '../../src/installation/webhook-configuration.ts';
import { versionAnnotation } from './keeper-scene.ts';
import { template } from './memory-configurations.ts';

const own = template('Validating', '7');
const broken = (version: string): WebhookConfiguration => ({ ...template('Validating', version), webhooks: [] });
const versioned = `metadata.annotations.${versionAnnotation}`;

it.each<[string, Partial<WriteState>, unknown, object]>([
  ['one that is missing is made', {}, undefined, { does: 'create' }],
  ['one that is missing and not due is waited for', { isDue: false }, undefined, { does: 'wait' }],
  ['one that is right is left as it is', { isDue: false }, own, { does: 'nothing' }],
  ['damage is repaired', {}, broken('7'), { does: 'replace', differences: ['webhooks'] }],
  [
    'damage is repaired although nothing is due',
    { isDue: false },
    broken('7'),
    { does: 'replace', differences: ['webhooks'] },
  ],
  ['an older version is replaced', {}, template('Validating', '6'), { does: 'replace', differences: [versioned] }],
  [
    'an older version is not replaced before it is due',
    { isDue: false },
    template('Validating', '6'),
    { does: 'wait' },
  ],
  ['a newer version is left alone, whatever it looks like', {}, broken('8'), { does: 'leave' }],
  ['a newer version that the cluster has is left alone', { clusterVersion: '8' }, broken('8'), { does: 'leave' }],
  [
    'a version that the cluster never had is replaced',
    { clusterVersion: '7' },
    broken('8'),
    { does: 'replace', differences: [versioned, 'webhooks'] },
  ],
  ['what is no object is replaced', {}, 'rubbish', { does: 'replace' }],
])('%s', (_, state, live, expected) => {
  const all = { isDue: true, versionAnnotation, clusterVersion: undefined, ...state };
  expect(nextWrite(all, live, own)).toMatchObject(expected);
});
