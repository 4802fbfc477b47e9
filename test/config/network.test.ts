import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';

const mergeNetwork = (file: Partial<ConfigFile>) =>
  mergeConfig(file, { version: '0', ownNamespace: undefined }).network;
const flowsOf = (file: Partial<ConfigFile>) => mergeNetwork(file).matrix.map(({ from, to }) => `${from} -> ${to}`);
const namesOf = (file: Partial<ConfigFile>) => mergeNetwork(file).peers.map(({ name }) => name);

describe('mergeNetwork', () => {
  it("without a file lets the article's tiers flow, each also to itself, on every port", () => {
    expect(flowsOf({})).toEqual([
      'web -> api',
      'api -> data',
      'api -> cache',
      'web -> web',
      'api -> api',
      'data -> data',
      'cache -> cache',
    ]);
    expect(mergeNetwork({}).matrix.every(({ ports }) => ports === undefined)).toBe(true);
  });

  it.each<[string, Partial<ConfigFile>, readonly string[]]>([
    [
      'some of the default tiers and a new one',
      { taxonomy: { tier: { values: ['web', 'api', 'queue'] } } },
      ['web -> api', 'web -> web', 'api -> api', 'queue -> queue'],
    ],
    ['tiers of its own', { taxonomy: { tier: { values: ['front', 'back'] } } }, ['front -> front', 'back -> back']],
    ['a pattern that allows some', { taxonomy: { tier: { pattern: 'a.*' } } }, ['api -> api']],
    ['no tier', { taxonomy: { tier: null } }, []],
    ['another key for flows', { flowKey: 'sensitivity' }, ['high -> high', 'medium -> medium', 'low -> low']],
    ['a pattern that is no tier, and would allow some', { flowKey: 'team' }, []],
  ])('by default keeps to the vocabulary of a taxonomy with %s', (_, file, flows) => {
    expect(flowsOf(file)).toEqual(flows);
  });

  it('replaces the default flows whole, ports read', () => {
    expect(
      mergeNetwork({
        flows: [
          { from: 'web', to: 'api', ports: [8080, '8000-8099/TCP', '53/UDP'] },
          { from: 'api', to: 'data' },
        ],
      }).matrix,
    ).toEqual([
      {
        from: 'web',
        to: 'api',
        ports: [
          { protocol: 'TCP', first: 8080, last: 8080 },
          { protocol: 'TCP', first: 8000, last: 8099 },
          { protocol: 'UDP', first: 53, last: 53 },
        ],
      },
      { from: 'api', to: 'data', ports: undefined },
    ]);
    expect(mergeNetwork({ flows: [] }).matrix).toEqual([]);
  });

  it('by default names monitoring, the ingress controller, and DNS where the baseline has it', () => {
    const dns = [
      { namespace: 'openshift-dns', podLabels: { dns: 'default' }, ports: [5353] },
      { cidrs: ['169.254.20.10/32', '10.96.0.10/32'] },
    ];
    expect(mergeNetwork({ baseline: { dns } }).peers).toEqual([
      { name: 'monitoring', role: 'monitoring', namespace: 'monitoring', podLabels: {}, cidrs: [] },
      { name: 'ingress-nginx', role: 'ingress', namespace: 'ingress-nginx', podLabels: {}, cidrs: [] },
      { name: 'dns', role: 'dns', namespace: 'openshift-dns', podLabels: { dns: 'default' }, cidrs: [], ports: [5353] },
      {
        name: 'dns',
        role: 'dns',
        namespace: undefined,
        podLabels: {},
        cidrs: ['169.254.20.10/32', '10.96.0.10/32'],
        ports: [53],
      },
    ]);
    const [own] = mergeNetwork({ baseline: { dns }, peers: [{ name: 'dns', role: 'dns', namespace: 'mine' }] }).peers;
    expect(own?.namespace).toBe('mine');
    expect(namesOf({ baseline: { dns }, peers: [{ name: 'dns', role: 'dns', namespace: 'mine' }] })).toEqual([
      'dns',
      'monitoring',
      'ingress-nginx',
    ]);
    expect(namesOf({})).toEqual(['monitoring', 'ingress-nginx', 'dns']);
    expect(namesOf({ peers: null })).toEqual(namesOf({}));
  });

  it('puts named peers before the default ones, and replaces a default one by name', () => {
    const { peers } = mergeNetwork({
      peers: [
        { name: 'nodes', role: 'nodes', cidrs: ['10.0.0.0/16'] },
        { name: 'monitoring', role: 'monitoring', namespace: 'observability', podLabels: { app: 'prometheus' } },
      ],
    });
    expect(peers.map(({ name, namespace }) => [name, namespace])).toEqual([
      ['nodes', undefined],
      ['monitoring', 'observability'],
      ['ingress-nginx', 'ingress-nginx'],
      ['dns', 'kube-system'],
    ]);
    expect(peers[0]?.cidrs).toEqual(['10.0.0.0/16']);
    expect(peers[1]?.podLabels).toEqual({ app: 'prometheus' });
  });

  it('changes one prefix and keeps the other', () => {
    expect(mergeNetwork({}).broad).toEqual({ ipv4Prefix: 16, ipv6Prefix: 48 });
    expect(mergeNetwork({ breadth: { ipv4Prefix: 24 } }).broad).toEqual({ ipv4Prefix: 24, ipv6Prefix: 48 });
  });

  it('cannot be changed', () => {
    const network = mergeNetwork({ flows: [{ from: 'web', to: 'api', ports: [80] }] });
    expect(Object.isFrozen(network.matrix[0]?.ports?.[0])).toBe(true);
    expect(Object.isFrozen(network.peers[0]?.cidrs)).toBe(true);
    expect(Object.isFrozen(network.broad)).toBe(true);
  });
});
