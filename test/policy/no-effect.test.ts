import { describe, expect, it } from 'vitest';
import type {
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicySpec,
} from '../../src/kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { type Neighbour, neighbourOf } from '../../src/network/neighbour.ts';
import { readPolicy } from '../../src/network/read.ts';
import { egressWithoutDns } from '../../src/policy/checks/egress-without-dns.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { noEffect } from '../../src/policy/checks/no-effect.ts';
import { askAbout } from '../../src/policy/evaluate.ts';
import type { OtherPolicies, Surroundings } from '../../src/policy/subject.ts';
import { config, subjectOf } from './minimal.ts';

const read = (spec: NetworkPolicySpec, name = 'other'): Neighbour => {
  const other = readPolicy(spec, { namespace: 'shop', name });
  if ('problems' in other) throw new Error(other.problems[0]?.field);
  return neighbourOf(other.policy);
};

/** Returns the findings about a policy, with other policies in its namespace. */
function findingsBeside(
  spec: NetworkPolicySpec,
  {
    budget = createBudget(reviewLimits),
    isJudgedLater,
    ...others
  }: Partial<OtherPolicies & Pick<Surroundings, 'budget' | 'isJudgedLater'>>,
  check = noEffect,
) {
  const object = { metadata: { name: 'policy', namespace: 'shop' }, spec };
  const surroundings = {
    namespaceLabels: () => undefined,
    others: () => ({ policies: [], ...others }),
    budget,
    ...(isJudgedLater === undefined ? {} : { isJudgedLater }),
  };
  const facts = { known: true, labels: new Map([['tier', 'api']]), fenced: check === noEffect } as const;
  const subject = subjectOf('NetworkPolicy', object, facts, 'CREATE', surroundings);
  return askAbout(subject, checks, config)(check).map(({ reason, undecided }) => ({ reason, undecided }));
}

/** Whether a policy with one rule has no effect beside a policy with another rule. */
function isWithout(rule: NetworkPolicyIngressRule, other: NetworkPolicyIngressRule): boolean {
  return findingsBeside({ ingress: [rule] }, { policies: [read({ ingress: [other] })] }).length > 0;
}

const labelled = (app: string): NetworkPolicyPeer => ({ podSelector: { matchLabels: { app } } });
const oneOf = (...values: string[]): NetworkPolicyPeer => ({
  podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values }] },
});
const block = (cidr: string, ...except: string[]): NetworkPolicyPeer => ({ ipBlock: { cidr, except } });

describe('a rule beside that of another policy', () => {
  it.each<[string, NetworkPolicyIngressRule, NetworkPolicyIngressRule]>([
    ['is the same', { from: [labelled('a')], ports: [{ port: 80 }] }, { from: [labelled('a')], ports: [{ port: 80 }] }],
    ['names one of its peers', { from: [labelled('b')] }, { from: [labelled('a'), labelled('b')] }],
    ['names one of its ports', { ports: [{ port: 'http' }] }, { ports: [{ port: 80 }, { port: 'http' }] }],
    ['names peers, where it names none', { from: [labelled('a')] }, {}],
    ['is another form of the same selector', { from: [oneOf('a')] }, { from: [labelled('a')] }],
    [
      'is the same block',
      { from: [block('10.0.0.0/8', '10.1.0.0/16')] },
      { from: [block('10.0.0.0/8', '10.1.0.0/16')] },
    ],
    ['is the same list of values', { from: [oneOf('a', 'b')] }, { from: [oneOf('a', 'b')] }],
  ])('has no effect where it %s', (_, rule, other) => {
    expect(isWithout(rule, other)).toBe(true);
  });

  it.each<[string, NetworkPolicyIngressRule, NetworkPolicyIngressRule]>([
    ['value', { from: [labelled('a')] }, { from: [labelled('b')] }],
    ['value among several', { from: [oneOf('a', 'c')] }, { from: [oneOf('a', 'b')] }],
    ['number of values', { from: [oneOf('a', 'b')] }, { from: [oneOf('a')] }],
    ['requirement more', { from: [{ podSelector: {} }] }, { from: [labelled('a')] }],
    [
      'operator',
      { from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }] },
      { from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } }] },
    ],
    ['namespace', { from: [{ ...labelled('a'), namespaceSelector: {} }] }, { from: [labelled('a')] }],
    ['kind of peer', { from: [block('10.0.0.0/8')] }, { from: [{ podSelector: {} }] }],
    ['block', { from: [block('10.0.0.0/8')] }, { from: [block('11.0.0.0/8')] }],
    ['exception', { from: [block('10.0.0.0/8', '10.1.0.0/16')] }, { from: [block('10.0.0.0/8', '10.2.0.0/16')] }],
    ['exception less', { from: [block('10.0.0.0/8')] }, { from: [block('10.0.0.0/8', '10.2.0.0/16')] }],
    ['port', { ports: [{ port: 80 }] }, { ports: [{ port: 81 }] }],
    ['end of its ports', { ports: [{ port: 80, endPort: 90 }] }, { ports: [{ port: 80, endPort: 91 }] }],
    ['port name', { ports: [{ port: 'http' }] }, { ports: [{ port: 'https' }] }],
    ['kind of port', { ports: [{ port: 'http' }] }, { ports: [{ port: 80 }] }],
    ['protocol', { ports: [{ protocol: 'UDP', port: 80 }] }, { ports: [{ protocol: 'TCP', port: 80 }] }],
    ['port more', { ports: [{ protocol: 'TCP' }] }, { ports: [{ port: 80 }] }],
    ['lack of peers', {}, { from: [labelled('a')] }],
  ])('has an effect where it differs in its %s', (_, rule, other) => {
    expect(isWithout(rule, other)).toBe(false);
  });
});

describe('whether a policy has an effect', () => {
  const ports = (count: number, first = 1) =>
    Array.from({ length: count }, (_, index) => ({ ports: [{ port: first + index }] }));

  it('is not decided where the comparison takes more than a review may', () => {
    // The last of 1,500 rules is new. 31 other policies contain those before it.
    const others = Array.from({ length: 31 }, (_, index) => read({ ingress: ports(3_000, index === 0 ? 1 : 30_000) }));
    const reason =
      'not decided: whether it has an effect: comparing it with the other NetworkPolicies: this review has looked at as much as it may';
    const spec = { ingress: [...ports(1_500, 2_000), ...ports(1, 60_000)] };
    expect(findingsBeside(spec, { policies: others })).toEqual([{ reason, undecided: true }]);
    // With a larger budget it is decided.
    const budget = createBudget({ ...reviewLimits, work: 100 * reviewLimits.work });
    expect(findingsBeside(spec, { policies: others, budget })).toEqual([]);
  });

  it('is not decided where others are not known, unless those that are known allow the same', () => {
    const spec = { ingress: ports(1) };
    const more = '1 of the 2 other NetworkPolicies of namespace shop is too large';
    expect(findingsBeside(spec, { more })).toEqual([
      { reason: `not decided: whether it has an effect: ${more}`, undecided: true },
    ]);
    expect(findingsBeside(spec, { more, policies: [read({ ingress: ports(2) })] })).toEqual([
      {
        reason: 'has no effect: NetworkPolicy other isolates and allows this and more; remove this one',
        undecided: undefined,
      },
    ]);
  });

  it('nor is whether DNS is allowed, where another that is not known may allow it', () => {
    const spec: NetworkPolicySpec = { policyTypes: ['Egress'] };
    const undecided = {
      reason: 'not decided: isolates egress and allows no DNS; whether another NetworkPolicy does is not known',
      undecided: true,
    };
    const policies = [{ ...read({ egress: [{ to: [labelled('a')] }] }), work: 1 }];
    expect(findingsBeside(spec, { policies }, egressWithoutDns)[0]?.undecided).toBeUndefined();
    expect(findingsBeside(spec, { policies, more: 'one' }, egressWithoutDns)).toEqual([undecided]);
    const budget = createBudget({ ...reviewLimits, work: 0 });
    expect(findingsBeside(spec, { policies, budget }, egressWithoutDns)).toEqual([undecided]);
    expect(findingsBeside(spec, { policies: [read({ egress: [{}] })], more: 'one' }, egressWithoutDns)).toEqual([]);
  });
});

describe('a policy without effect', () => {
  const spec: NetworkPolicySpec = { ingress: [{ from: [labelled('a')] }, { from: [labelled('b')] }] };
  const reasons = (...policies: Neighbour[]) => findingsBeside(spec, { policies }).map(({ reason }) => reason);

  it('names its twin, however the rules are ordered', () => {
    const twin = { ingress: spec.ingress?.toReversed() ?? [] };
    expect(reasons(read({ ingress: [{ from: [labelled('a')] }] }, 'part'), read(twin, 'twin'))).toEqual([
      'has no effect: NetworkPolicy twin isolates and allows the same; remove one of the two',
    ]);
  });

  it('names the one that allows more', () => {
    expect(reasons(read({ ingress: [{}] }, 'open'))).toEqual([
      'has no effect: NetworkPolicy open isolates and allows this and more; remove this one',
    ]);
  });

  it('names those that allow the same together', () => {
    const parts = ['a', 'b'].map((app) => read({ ingress: [{ from: [labelled(app)] }] }, `part-${app}`));
    expect(reasons(...parts)).toEqual([
      'has no effect: NetworkPolicies part-a, part-b together isolate and allow the same; if you remove it, keep them',
    ]);
  });

  it('is not reported where its twin is judged later, and is where a wider one is', () => {
    const isJudgedLater = () => true;
    expect(findingsBeside(spec, { policies: [read(spec)], isJudgedLater })).toEqual([]);
    expect(findingsBeside(spec, { policies: [read({ ingress: [{}] })], isJudgedLater })).toHaveLength(1);
  });
});
