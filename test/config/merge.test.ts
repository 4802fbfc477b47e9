import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../src/config/merge.ts';
import { isAllowedValue } from '../../src/policy/taxonomy.ts';

const origin = { version: '7', ownNamespace: 'ringfence' };

describe('mergeConfig', () => {
  it('without a file says what the article asks for, enforcing', () => {
    const config = mergeConfig({}, origin);
    expect(config.mode).toBe('enforce');
    expect(config.version).toBe('7');
    expect(
      [...config.taxonomy.keys.values()].map(({ key, values, patternText, agrees, suggest }) => [
        key,
        values ?? patternText,
        agrees,
        suggest,
      ]),
    ).toEqual([
      ['env', ['prod', 'staging', 'dev'], true, undefined],
      ['tier', ['web', 'api', 'data', 'cache'], true, undefined],
      ['team', 'a DNS label', true, undefined],
      ['sensitivity', ['high', 'medium', 'low'], false, undefined],
      ['expose', ['true', 'false'], false, 'false'],
      ['internal', ['true', 'false'], false, 'false'],
    ]);
    expect(config.taxonomy.keys.get('expose')?.hint).toBe('"true" if the outside may reach it, else "false"');
    expect(config.taxonomy.required).toEqual({
      Namespace: ['env', 'tier', 'team'],
      Pod: ['env', 'tier', 'team', 'expose'],
      NetworkPolicy: ['env', 'tier', 'team'],
    });
    expect(config.caps.size).toBe(0);
    expect(config.exemptNamespaces).toEqual(['kube-system', 'kube-public', 'kube-node-lease', 'ringfence']);
    expect(config.baseline.dns).toEqual([
      { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, cidrs: [], ports: [53] },
    ]);
  });

  it.each([
    ['shop', true],
    ['a', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['Shop', false],
    ['shop-', false],
    ['', false],
    ['shop\n', false],
    ['my.shop', false],
  ])('by default %j as a team: %s', (value, allowed) => {
    const team = mergeConfig({}, origin).taxonomy.keys.get('team');
    expect(team !== undefined && isAllowedValue(team, value)).toBe(allowed);
  });

  it('changes a default key field by field', () => {
    const { keys } = mergeConfig(
      { taxonomy: { tier: { agrees: false }, env: { values: ['live', 'test'] } } },
      origin,
    ).taxonomy;
    expect(keys.get('tier')).toMatchObject({ values: ['web', 'api', 'data', 'cache'], agrees: false });
    expect(keys.get('env')).toMatchObject({ values: ['live', 'test'], agrees: true });
  });

  it('drops with an old vocabulary the words that belonged to it', () => {
    const { keys } = mergeConfig(
      { taxonomy: { expose: { values: ['yes', 'no'] }, team: { values: ['a'] } } },
      origin,
    ).taxonomy;
    expect(keys.get('expose')).toMatchObject({ values: ['yes', 'no'], hint: undefined, suggest: undefined });
    expect(keys.get('team')).toMatchObject({ values: ['a'], pattern: undefined, patternText: undefined, agrees: true });
  });

  it('removes a default key, also from the default lists, and adds keys after the default ones', () => {
    const { keys, required } = mergeConfig({ taxonomy: { zone: { pattern: 'z[0-9]' }, tier: null } }, origin).taxonomy;
    expect([...keys.keys()]).toEqual(['env', 'team', 'sensitivity', 'expose', 'internal', 'zone']);
    expect(required.Pod).toEqual(['env', 'team', 'expose']);
    expect(keys.get('zone')).toMatchObject({ agrees: false, values: undefined });
    expect(keys.get('zone')?.pattern?.source).toBe('z[0-9]');
  });

  it('anchors patterns at both ends', () => {
    const pattern = mergeConfig({ taxonomy: { zone: { pattern: 'prod|dev' } } }, origin).taxonomy.keys.get(
      'zone',
    )?.pattern;
    expect(['prod', 'dev', 'notprod', 'prod-not', 'devprod', 'prod\n'].map((value) => pattern?.test(value))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('takes lists, caps and DNS from the file', () => {
    const config = mergeConfig(
      {
        required: { Pod: ['env'] },
        exempt: { namespaces: ['kube-system', 'openshift-*', 'ingress'] },
        checks: { 'host-network': 'warn' },
        baseline: {
          dns: [
            { namespace: 'openshift-dns', ports: [5353], podLabels: { dns: 'default' } },
            { cidrs: ['10.96.0.10/32'] },
          ],
        },
      },
      { version: '1', ownNamespace: undefined },
    );
    expect(config.taxonomy.required.Pod).toEqual(['env']);
    expect(config.taxonomy.required.Namespace).toEqual(['env', 'tier', 'team']);
    expect(config.exemptNamespaces).toEqual(['kube-system', 'kube-public', 'kube-node-lease', 'ingress']);
    expect(config.exemptPrefixes).toEqual(['openshift-']);
    expect([...config.caps]).toEqual([['host-network', 'warn']]);
    expect(config.baseline.dns).toEqual([
      { namespace: 'openshift-dns', ports: [5353], podLabels: { dns: 'default' }, cidrs: [] },
      { namespace: undefined, ports: [53], podLabels: {}, cidrs: ['10.96.0.10/32'] },
    ]);
  });

  it('gives a configuration that nobody can change, its Maps included', () => {
    const config = mergeConfig({}, origin);
    expect(Object.isFrozen(config.taxonomy.keys.get('env')?.values)).toBe(true);
    expect(Object.isFrozen(config.baseline.dns[0]?.podLabels)).toBe(true);
    const keys = config.taxonomy.keys as Map<string, unknown>;
    expect(() => keys.set('x', 1)).toThrow('does not change');
    expect(() => keys.delete('env')).toThrow('does not change');
    expect(() => keys.clear()).toThrow('does not change');
  });
});
