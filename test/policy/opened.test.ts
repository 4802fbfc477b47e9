import { describe, expect, it } from 'vitest';
import type { NetworkPolicyPeer, NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import { exactly } from '../../src/network/values.ts';
import type { NamedPeer } from '../../src/policy/network-config.ts';
import { isOpened, namesOf, openedBy } from '../../src/policy/opened.ts';
import { isExposed, isOnly, shortField } from '../../src/policy/opening.ts';
import type { NamespaceFacts, Subject } from '../../src/policy/subject.ts';
import { config as defaults, shop, subjectOf } from './minimal.ts';

const block = (name: string, role: NamedPeer['role'], ...cidrs: string[]): NamedPeer => {
  return { name, role, namespace: undefined, podLabels: {}, cidrs };
};
const peers = [
  ...defaults.network.peers,
  block('nodes', 'nodes', '10.250.0.0/24'),
  block('partners', 'public', '203.0.113.0/24', '198.51.100.0/24'),
];
const config = { ...defaults, network: { ...defaults.network, peers } };

const subjectWith = (spec: unknown, facts: NamespaceFacts | undefined = shop): Subject =>
  subjectOf('NetworkPolicy', { metadata: { name: 'policy', namespace: 'shop' }, spec }, facts);

function openingOf(peer: NetworkPolicyPeer | undefined) {
  const spec: NetworkPolicySpec = { podSelector: {}, ingress: [peer === undefined ? {} : { from: [peer] }] };
  const opened = openedBy(subjectWith(spec), config);
  const opening = isOpened(opened) ? opened.openings[0] : undefined;
  if (opening === undefined) throw new Error('it opens nothing');
  const { role, isOutside, mayBeAnyPod } = opening;
  return [
    ...(role === undefined ? [] : [role]),
    ...(isOutside ? ['outside'] : []),
    ...(mayBeAnyPod ? ['any pod'] : []),
  ].join(', ');
}

const named = (...names: string[]): NetworkPolicyPeer => {
  const key = 'kubernetes.io/metadata.name';
  return { namespaceSelector: { matchExpressions: [{ key, operator: 'In', values: names }] } };
};
const dnsPods = { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
const addresses = (cidr: string, ...except: string[]): NetworkPolicyPeer => ({ ipBlock: { cidr, except } });

describe('the other end of a rule', () => {
  it.each<[string, NetworkPolicyPeer | undefined, string]>([
    ['without peers is anyone', undefined, 'outside, any pod'],
    ['is pods, where pods are selected', { podSelector: {} }, ''],
    ['is pods alone, where every namespace is selected', { namespaceSelector: {} }, ''],
    ['is a named peer by its namespace', named('monitoring'), 'monitoring'],
    ['is a named peer, where only some of its pods are selected', { ...named('monitoring'), ...dnsPods }, 'monitoring'],
    ['is the outside, where the ingress controllers are named', named('ingress-nginx'), 'ingress, outside'],
    ['is DNS by its namespace and its pods', { ...named('kube-system'), ...dnsPods }, 'dns'],
    ['is not DNS, where all pods beside it are selected too', named('kube-system'), ''],
    ['is no named peer, where two of different roles are meant', named('monitoring', 'ingress-nginx'), ''],
    ['is no named peer, where another namespace is meant too', named('monitoring', 'elsewhere'), ''],
    [
      'is no named peer, where a label that anyone may claim names it',
      { namespaceSelector: { matchLabels: { name: 'monitoring' } } },
      '',
    ],
    [
      'is no named peer, where all but it is meant',
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['monitoring'] }],
        },
      },
      '',
    ],
    ['is any pod behind private addresses', addresses('10.0.0.0/8'), 'any pod'],
    ['is any pod behind carrier-grade NAT', addresses('100.64.0.0/10'), 'any pod'],
    ['is any pod behind unique local addresses', addresses('fd00::/8'), 'any pod'],
    ['is the outside behind public addresses', addresses('192.0.2.0/24'), 'outside'],
    ['is the outside behind public addresses of IPv6', addresses('2001:db8::/32'), 'outside'],
    ['is both, where a block holds both', addresses('172.0.0.0/8'), 'outside, any pod'],
    [
      'is any pod, where what is public is excepted',
      addresses('172.0.0.0/8', '172.0.0.0/12', '172.32.0.0/11', '172.64.0.0/10', '172.128.0.0/9'),
      'any pod',
    ],
    [
      'is the outside, where what is private is excepted',
      addresses(
        '0.0.0.0/0',
        '10.0.0.0/8',
        '172.16.0.0/12',
        '192.168.0.0/16',
        '100.64.0.0/10',
        '169.254.0.0/16',
        '127.0.0.0/8',
      ),
      'outside',
    ],
    ['is nobody, where all is excepted', addresses('10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9'), ''],
    ['is the nodes, where a block holds nothing else', addresses('10.250.0.128/25'), 'nodes, any pod'],
    ['is not the nodes, where a block holds more', addresses('10.250.0.0/23'), 'any pod'],
    ['is a public range that the configuration names', addresses('198.51.100.7/32'), 'public, outside'],
  ])('%s', (_, peer, expected) => {
    expect(openingOf(peer)).toBe(expected);
  });
});

describe('what a NetworkPolicy opens', () => {
  it.each<[string, unknown, NamespaceFacts, RegExp]>([
    [
      'the namespace is not known',
      { ingress: [{}] },
      { known: false, reason: 'the cache is cold' },
      /^not decided: what it opens: the cache is cold$/,
    ],
    [
      'there is too much of it',
      { ingress: Array.from({ length: 3_000 }, () => ({})) },
      shop,
      /^not decided: too complex to judge: its \d+ selector values/,
    ],
  ])('is not decided, where %s', (_, spec, facts, reason) => {
    const opened = openedBy(subjectWith(spec, facts), config);
    expect('violations' in opened && opened.violations[0]).toMatchObject({
      undecided: true,
      reason: expect.stringMatching(reason),
    });
  });

  it('is nothing where there are no rules, whatever the namespace is', () => {
    const opened = openedBy(subjectWith({ policyTypes: ['Egress'] }, { known: false, reason: 'no answer' }), config);
    expect(opened).toEqual({ violations: [] });
  });

  it('is nothing that can be said of a specification that is none: the first mistake is named, the others are counted', () => {
    const opened = openedBy(subjectWith({ ingress: [{ from: [{}, 1] }] }), config);
    expect('violations' in opened && opened.violations[0]).toEqual({
      field: 'spec.ingress[0].from[0]',
      subject: 'ingress[0].from[0]',
      found: undefined,
      parts: [
        'spec.ingress[0].from[0] needs a podSelector, a namespaceSelector or an ipBlock',
        'spec.ingress[0].from[1] must be an object, not 1',
        'spec.ingress[0].from[1] needs a podSelector, a namespaceSelector or an ipBlock',
      ],
      reason: 'needs a podSelector, a namespaceSelector or an ipBlock; and 2 more',
      unreadable: true,
    });
  });
});

describe('identities', () => {
  const own = (podSelector: NetworkPolicySpec['podSelector']) => {
    const opened = openedBy(subjectWith({ podSelector }), config);
    if (!isOpened(opened)) throw new Error(opened.violations[0]?.reason);
    return opened.own;
  };

  it('are exposed where no Pod may be that is not', () => {
    expect(isExposed(own({ matchLabels: { expose: 'true' } }))).toBe(true);
    // An older Pod may lack this label.
    expect(isExposed(own({ matchExpressions: [{ key: 'expose', operator: 'NotIn', values: ['false'] }] }))).toBe(false);
    expect(isExposed(own({ matchExpressions: [{ key: 'expose', operator: 'Exists' }] }))).toBe(false);
    expect(isExposed(own({}))).toBe(false);
    expect(isExposed([])).toBe(false);
  });

  it('are named by the vocabulary in its order, then what is outside it, then none', () => {
    const values = new Map([['tier', { negated: true, values: new Set(['api']), absent: true }]]);
    expect(namesOf([{ values, namespace: undefined }], 'tier', config)).toEqual([
      'web',
      'data',
      'cache',
      '(any other)',
      '(none)',
    ]);
  });

  it('of a tier are its namespace’s, whatever the selector leaves open', () => {
    expect(namesOf(own({}), 'tier', config)).toEqual(['api']);
    expect(own({ matchLabels: { tier: 'web' } })).toEqual(own({}));
    expect(own({ matchLabels: { tier: 'web', expose: 'true' } })).toEqual(own({}));
  });

  it('have only one value, where nothing else may stand', () => {
    expect(isOnly(exactly(['a']), 'a')).toBe(true);
    expect(isOnly(exactly(['a'], true), 'a')).toBe(false);
    expect(isOnly(exactly(['a', 'b']), 'a')).toBe(false);
    expect(isOnly(undefined, 'a')).toBe(false);
  });

  it('stand in fields that are named without what all have', () => {
    expect(shortField('spec.ingress[0].from[1]')).toBe('ingress[0].from[1]');
  });
});
