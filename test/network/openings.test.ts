import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkPolicyPeer, NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import type { Endpoint } from '../../src/network/evaluator.ts';
import { openingsOf } from '../../src/network/openings.ts';
import { readPolicy } from '../../src/network/read.ts';
import { everything } from '../../src/network/selector.ts';
import { anyCase, mark, vocabulary } from './random-openings.ts';
import { everywhere, isHeld, isJudged, isLetThrough, isThrough, judge, populate, showEnd, trialsOf } from './trials.ts';
import { findPeer, showWitness } from './witness.ts';

const targets = [
  ['TCP', 80],
  ['UDP', 53],
  ['TCP', 8080],
] as const;

describe('what a policy opens', () => {
  it('is all that it opens in any world: nothing comes through a rule without an opening that says so', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { policy, openings } = judge(one);
        const { evaluator, pods } = populate(one, policy);
        const ends: Endpoint[] = [...pods.map((pod) => ({ pod })), ...everywhere.map((address) => ({ address }))];
        const insiders = pods.filter((pod) => pod.namespace === 'shop' && isJudged(pod, one));
        const flows = insiders.flatMap((inside) => ends.map((end) => ({ inside, end })));
        for (const { inside, end } of flows) {
          for (const direction of ['ingress', 'egress'] as const) {
            const [from, to] = direction === 'ingress' ? [end, { pod: inside }] : [{ pod: inside }, end];
            for (const [protocol, port] of targets) {
              for (const { rule } of evaluator.answer({ from, to, protocol, port })[direction]?.allowedBy ?? []) {
                if (!openings.own.some((identity) => isHeld(identity, inside, one)))
                  throw new Error(`it selects ${showEnd({ pod: inside }, one)}, and says that it does not`);
                if (!openings.all.some((opening) => opening.rule === rule && isThrough(opening, end, one)))
                  throw new Error(`${showEnd(end, one)} comes through ${rule.field}, and no opening says so`);
              }
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is nothing that no world opens: of every opening there is a witness, and the rule lets it through', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), (one, number) => {
        const { policy: written, openings } = judge(one);
        // If no judged Pod has the labels that the policy selects, it is judged as if it selected
        // all.
        const policy = openings.selectsNoJudged ? { ...written, podSelector: everything } : written;
        for (const opening of openings.all)
          for (const trial of trialsOf(one, policy, openings, opening, number))
            if (!isLetThrough(one, policy, opening, trial))
              throw new Error(`it says that ${trial.text} comes through ${opening.field}; it does not`);
      }),
      { numRuns: 600 },
    );
  });
});

describe('a witness, printed,', () => {
  const labels = (record: Readonly<Record<string, string>>) => new Map(Object.entries(record));
  const namespaces = new Map([
    ['shop', labels({ [mark]: 'true', env: 'prod', tier: 'data', team: 'shop' })],
    ['front', labels({ env: 'dev', tier: 'web', team: 'shop' })],
  ]);

  it.each<[string, NetworkPolicyPeer, Readonly<Record<string, string>>, string]>([
    [
      'is a namespace that nobody labelled, behind a NotIn of every value',
      { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod', 'dev'] }] } },
      { tier: 'web', team: 'shop' },
      'a Pod labelled {"tier":"web","team":"shop"} in namespace somewhere labelled {}',
    ],
    [
      'is a namespace that claims a label that nothing governs',
      { namespaceSelector: { matchLabels: { name: 'monitoring' } } },
      { tier: 'web' },
      'a Pod labelled {"tier":"web"} in namespace somewhere labelled {"name":"monitoring"}',
    ],
    [
      'is of the namespace that is named, as that is known',
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'front' } } },
      { env: 'dev', tier: 'web', team: 'shop', expose: 'true' },
      'a Pod labelled {"expose":"true"} in namespace front labelled {"env":"dev","tier":"web","team":"shop"}',
    ],
  ])('%s', (_, peer, identity, expected) => {
    const { openings } = judge({ spec: { ingress: [{ from: [peer] }] }, namespaces, pods: [] });
    const other = openings.all[0]?.other;
    if (other?.kind !== 'pods') throw new Error('it opens to no pods');
    const known = {
      own: { name: 'shop', labels: namespaces.get('shop') ?? new Map() },
      namespaces: new Map([...namespaces].slice(1)),
      vocabulary,
    };
    const witness = findPeer(other.peer, other.identities[0]?.namespace, labels(identity), known);
    expect(witness && showWitness(witness)).toBe(expected);
  });
});

describe('work', () => {
  const values = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `v${index}`);
  const many = (count: number): NonNullable<NetworkPolicySpec['ingress']> => [{ from: values(count).map(peerNamed) }];
  const peerNamed = (name: string) => ({ podSelector: { matchLabels: { name } } });
  const expression = (key: string, count: number) => ({
    matchExpressions: [{ key, operator: 'In' as const, values: values(count) }],
  });

  it.each<[string, NetworkPolicySpec]>([
    ['peers', { ingress: many(2_000) }],
    ['rules', { ingress: Array.from({ length: 2_100 }, () => ({})) }],
    ['ports', { ingress: [{ ports: Array.from({ length: 41_000 }, () => ({ port: 80 })) }] }],
    ['values of a selector', { podSelector: expression('name', 41_000) }],
    [
      'namespaces by name',
      { ingress: [{ from: [{ namespaceSelector: expression('kubernetes.io/metadata.name', 2_000) }] }] },
    ],
    [
      'exceptions',
      {
        ingress: [
          {
            from: [
              {
                ipBlock: {
                  cidr: '10.0.0.0/8',
                  except: values(41_000).map((_, at) => `10.${at >> 8}.${at & 255}.0/24`),
                },
              },
            ],
          },
        ],
      },
    ],
  ])('is refused by its count: too many %s', (_, spec) => {
    const read = readPolicy(spec, { namespace: 'shop', name: 'policy' });
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const openings = openingsOf(
      read.policy,
      { name: 'shop', labels: new Map() },
      () => undefined,
      vocabulary,
      createBudget(reviewLimits),
    );
    expect(openings).toEqual({
      tooComplex: expect.stringMatching(/^its \d+ selector values, .* 40000 that are judged$/),
    });
  });

  it('of the largest policies in use is done: hundreds of peers, thousands of exceptions', () => {
    const except = values(4_000).map((_, at) => `10.${at >> 8}.${at & 255}.0/25`);
    const blocks = { from: [{ ipBlock: { cidr: '10.0.0.0/8', except } }] };
    const read = readPolicy({ ingress: [...many(1_000), blocks] }, { namespace: 'shop', name: 'policy' });
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const openings = openingsOf(
      read.policy,
      { name: 'shop', labels: new Map() },
      () => undefined,
      vocabulary,
      createBudget(reviewLimits),
    );
    expect('all' in openings && openings.all.length).toBe(1_001);
  });
});
