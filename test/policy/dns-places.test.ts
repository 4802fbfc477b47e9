import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../src/config/merge.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { shop, subjectOf } from './minimal.ts';

const dns = [
  { namespace: 'dns', podLabels: { app: 'unbound' }, ports: [1053] },
  { cidrs: ['169.254.20.10/32', '10.96.0.10/32'] },
];
const config = mergeConfig({ baseline: { dns } }, { version: '0', ownNamespace: undefined });

/** What a NetworkPolicy outside a fence is told of DNS that allows a port to some peer. */
function judge(peer: object, port: number) {
  const labels = { env: 'prod', tier: 'api', team: 'shop' };
  const spec = {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [peer],
        ports: [
          { protocol: 'UDP', port },
          { protocol: 'TCP', port },
        ],
      },
    ],
  };
  const object = { metadata: { name: 'allow', namespace: 'shop', labels }, spec };
  const subject = subjectOf('NetworkPolicy', object, { ...shop, fenced: false } as typeof shop);
  const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
  return findings.filter(({ check }) => check === 'egress-without-dns').map(({ reason }) => reason);
}

const pods = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } },
  podSelector: { matchLabels: { app: 'unbound' } },
};

describe('egress-without-dns, with several places of DNS', () => {
  it.each<[string, object, number]>([
    ['the Pods, on their port', pods, 1053],
    ['the first address', { ipBlock: { cidr: '169.254.20.10/32' } }, 53],
    ['the second address', { ipBlock: { cidr: '10.96.0.10/32' } }, 53],
  ])('is content with %s', (_, peer, port) => {
    expect(judge(peer, port)).toEqual([]);
  });

  it.each<[string, object, number]>([
    ['an address on the port of the Pods', { ipBlock: { cidr: '10.96.0.10/32' } }, 1053],
    ['another address', { ipBlock: { cidr: '10.96.0.11/32' } }, 53],
  ])('is not content with %s, and names place and port', (_, peer, port) => {
    expect(judge(peer, port)).toEqual([
      'allows no DNS, nor does another NetworkPolicy here; allow UDP and TCP 1053 to app: unbound in dns',
    ]);
  });
});
