import { describe, expect, it } from 'vitest';
import type { NetworkPolicyIngressRule, NetworkPolicyPeer } from '../../src/kubernetes/network-policy.ts';
import { readPolicy } from '../../src/network/read.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { noEffect } from '../../src/policy/checks/no-effect.ts';
import { askAbout } from '../../src/policy/evaluate.ts';
import { config, shop, subjectOf } from './minimal.ts';

/** Whether a policy of one rule is found to have no effect beside a policy of another rule. */
function isWithout(rule: NetworkPolicyIngressRule, other: NetworkPolicyIngressRule): boolean {
  const read = readPolicy({ ingress: [other] }, { namespace: 'shop', name: 'other' });
  if ('problems' in read) throw new Error(read.problems[0]?.field);
  const object = { metadata: { name: 'policy', namespace: 'shop' }, spec: { ingress: [rule] } };
  const surroundings = { namespaceLabels: () => undefined, policies: [read.policy] };
  const subject = subjectOf('NetworkPolicy', object, shop, 'CREATE', surroundings);
  return askAbout(subject, checks, config)(noEffect).length > 0;
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
