import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { hasDesiredSpec } from '../../src/baseline/equality.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../src/kubernetes/network-policy.ts';
import { configAt } from './cluster-double.ts';

const [denyAll, allowDns] = desiredBaseline({ name: 'shop', labels: new Map() }, configAt('1')) as [
  NetworkPolicy,
  NetworkPolicy,
];
const dnsRule = allowDns.spec?.egress?.[0];
const hostile = JSON.parse(
  '{"podSelector":{},"policyTypes":["Ingress","Egress"],"__proto__":{"ingress":[{}]}}',
) as unknown;

describe('an equal specification', () => {
  it.each<[string, NetworkPolicy, unknown]>([
    ['the API server leaves empty lists out', denyAll, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }],
    ['policyTypes in the other order', denyAll, { ...denyAllSpec, policyTypes: ['Egress', 'Ingress'] }],
    ['null where a list may be', denyAll, { ...denyAllSpec, ingress: null, egress: null }],
    ['podSelector left out, which is everyone', denyAll, { policyTypes: ['Ingress', 'Egress'] }],
    [
      'empty lists inside a selector',
      denyAll,
      { ...denyAllSpec, podSelector: { matchLabels: {}, matchExpressions: [] } },
    ],
    [
      'a protocol left out, which is TCP',
      allowDns,
      { ...allowDns.spec, egress: [{ ...dnsRule, ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }] }] },
    ],
  ])('%s', (_why, desired, spec) => {
    expect(hasDesiredSpec({ spec }, desired)).toBe(true);
  });
});

describe('a different specification', () => {
  it.each<[string, NetworkPolicy, unknown]>([
    ['nothing', denyAll, undefined],
    ['null', denyAll, null],
    ['a string', denyAll, 'deny'],
    ['a list', denyAll, [denyAllSpec]],
    ['policyTypes of text', denyAll, { ...denyAllSpec, policyTypes: 'IngressEgress' }],
    ['a million policyTypes', denyAll, { ...denyAllSpec, policyTypes: new Array(1_000_000).fill('Ingress') }],
    ['more policyTypes than there are', denyAll, { ...denyAllSpec, policyTypes: ['Ingress', 'Egress', 'Ingress'] }],
    ['Egress not isolated', denyAll, { ...denyAllSpec, policyTypes: ['Ingress'] }],
    ['Ingress not isolated', denyAll, { ...denyAllSpec, policyTypes: ['Egress', 'Egress'] }],
    ['no policyTypes and no egress rule: Ingress only', denyAll, { podSelector: {} }],
    ['no policyTypes where Ingress would follow', allowDns, { ...allowDns.spec, policyTypes: [] }],
    ['a rule that lets everyone in', denyAll, { ...denyAllSpec, ingress: [{}] }],
    ['a null rule', denyAll, { ...denyAllSpec, ingress: [null] }],
    ['a million rules', denyAll, { ...denyAllSpec, ingress: new Array(1_000_000).fill({}) }],
    ['rules as an object with a length', denyAll, { ...denyAllSpec, ingress: { length: 0 } }],
    ['a field nobody knows', denyAll, { ...denyAllSpec, sneak: true }],
    ['a field named __proto__', denyAll, hostile],
    ['fewer Pods', denyAll, { ...denyAllSpec, podSelector: { matchLabels: { app: 'web' } } }],
    [
      'a label named __proto__',
      denyAll,
      { ...denyAllSpec, podSelector: JSON.parse('{"matchLabels":{"__proto__":"x"}}') },
    ],
    ['no one through a selector of text', denyAll, { ...denyAllSpec, podSelector: 'all' }],
    ['DNS anywhere', allowDns, { ...allowDns.spec, egress: [{ ports: dnsRule?.ports }] }],
    ['DNS Pods on any port', allowDns, { ...allowDns.spec, egress: [{ to: dnsRule?.to }] }],
    [
      'a port as text',
      allowDns,
      { ...allowDns.spec, egress: [{ ...dnsRule, ports: [{ protocol: 'UDP', port: '53' }, { port: 53 }] }] },
    ],
    [
      'a range of ports',
      allowDns,
      { ...allowDns.spec, egress: [{ ...dnsRule, ports: [{ protocol: 'UDP', port: 53, endPort: 54 }, { port: 53 }] }] },
    ],
    [
      'an empty namespaceSelector where there was none',
      { ...denyAll, spec: { egress: [{ to: [{ podSelector: {} }] }] } },
      { egress: [{ to: [{ podSelector: {}, namespaceSelector: {} }] }] },
    ],
  ])('%s', (_why, desired, spec) => {
    expect(hasDesiredSpec({ spec }, desired)).toBe(false);
  });
});

const text = fc.stringMatching(/^[a-z]{1,4}$/);
const selector = fc.oneof(
  fc.constant({}),
  fc.record({ matchLabels: fc.dictionary(text, text, { minKeys: 1, maxKeys: 2 }) }),
  fc.record({
    matchExpressions: fc.tuple(
      fc.record({ key: text, operator: fc.constantFrom('In' as const, 'NotIn' as const), values: fc.tuple(text) }),
    ),
  }),
);
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({ ipBlock: fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '0.0.0.0/0') }) }),
);
const port: fc.Arbitrary<NetworkPolicyPort> = fc.record({
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
  port: fc.integer({ min: 1, max: 3 }),
});
const few = { maxLength: 3 };
const spec: fc.Arbitrary<NetworkPolicySpec> = fc.record({
  podSelector: selector,
  policyTypes: fc.constantFrom(['Ingress' as const], ['Egress' as const], ['Ingress' as const, 'Egress' as const]),
  ingress: fc.array(fc.record({ from: fc.array(peer, few), ports: fc.array(port, few) }), few),
  egress: fc.array(fc.record({ to: fc.array(peer, few), ports: fc.array(port, few) }), few),
});
const policyWith = (wanted: NetworkPolicySpec): NetworkPolicy => ({ ...denyAll, spec: wanted });

/**
 * Writes the same specification in another form: without empty and default values, in another
 * order.
 */
function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .filter(([key, held]) => !(Array.isArray(held) && held.length === 0) && !(key === 'protocol' && held === 'TCP'))
      .map(([key, held]) => [key, key === 'policyTypes' ? [...(held as string[])].reverse() : shorten(held)]),
  );
}

describe('equality', () => {
  it('does not see order of keys and policyTypes, missing lists and defaults', () => {
    fc.assert(fc.property(spec, (wanted) => hasDesiredSpec({ spec: shorten(wanted) }, policyWith(wanted))));
  });

  it('sees any added rule, peer and port', () => {
    const addition = fc.constantFrom('rule', 'peer', 'port');
    const where = fc.nat({ max: 3 });
    fc.assert(
      fc.property(spec, addition, peer, port, where, (wanted, what, addedPeer, addedPort, index) => {
        const rules = [...(wanted.ingress ?? [])];
        const rule = rules[index % Math.max(1, rules.length)] ?? {};
        const at = rules.indexOf(rule);
        if (what === 'rule' || at < 0)
          rules.splice(index % (rules.length + 1), 0, { from: [addedPeer], ports: [addedPort] });
        else if (what === 'peer') rules[at] = { ...rule, from: [...(rule.from ?? []), addedPeer] };
        else rules[at] = { ...rule, ports: [addedPort, ...(rule.ports ?? [])] };
        return !hasDesiredSpec({ spec: { ...wanted, ingress: rules } }, policyWith(wanted));
      }),
    );
  });

  it('answers whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('spec', '__proto__', 'ingress', 'from', 'podSelector') }),
        (object) => {
          hasDesiredSpec(object, allowDns);
          hasDesiredSpec({ spec: object }, allowDns);
        },
      ),
    );
  });
});
