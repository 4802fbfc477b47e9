import { describe, expect, it } from 'vitest';
import { isExempt, listExemptions } from '../../src/config/exemption.ts';
import { parseConfig } from '../../src/config/load.ts';

const config = parseConfig(
  'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nexempt: {namespaces: [aside, openshift-*]}\n',
  { file: 'f', version: '1', ownNamespace: 'ringfence-system', checkIds: [] },
);

describe('an exemption', () => {
  it.each([
    ['aside', true],
    ['aside-2', false],
    ['kube-system', true],
    ['ringfence-system', true],
    ['openshift-monitoring', true],
    ['openshift-', true],
    ['openshift', false],
    ['my-openshift-monitoring', false],
    ['OPENSHIFT-x', false],
    ['', false],
    ['constructor', false],
  ])('by whole name or by prefix: %s: %s', (name, expected) => {
    expect(isExempt(name, config)).toBe(expected);
  });

  it('is listed as it was written', () => {
    expect(listExemptions(config)).toEqual([
      'kube-system',
      'kube-public',
      'kube-node-lease',
      'ringfence-system',
      'aside',
      'openshift-*',
    ]);
  });
});
