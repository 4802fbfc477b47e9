import { describe, expect, it } from 'vitest';
import type { NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import type { PortRange } from '../../src/network/rules.ts';
import { type Flow, flowsOf, flowText, isJudgedByIdentity, ownNames, portText } from '../../src/policy/flows.ts';
import { isOpened, openedBy } from '../../src/policy/opened.ts';
import type { Opened } from '../../src/policy/opening.ts';
import { config, shop, subjectOf } from './minimal.ts';

function opened(spec: NetworkPolicySpec): Opened {
  const subject = subjectOf('NetworkPolicy', { metadata: { name: 'policy', namespace: 'shop' }, spec }, shop);
  const result = openedBy(subject, config);
  if (!isOpened(result)) throw new Error(result.violations[0]?.reason);
  return result;
}

function flowsIn(spec: NetworkPolicySpec, key = 'tier'): string[] {
  const result = opened(spec);
  const own = ownNames(result, key, config);
  return result.openings.flatMap((opening) =>
    flowsOf(opening, own, key, config).map(({ from, to }) => `${from} -> ${to}`),
  );
}

const exposed = { matchLabels: { expose: 'true' } };
const tier = (value: string) => ({ namespaceSelector: { matchLabels: { tier: value } } });
const named = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

describe('the flows of an opening', () => {
  it.each<[string, NetworkPolicySpec, string[], string?]>([
    ['are those between the tiers it names', { ingress: [{ from: [tier('web')] }] }, ['web -> api']],
    [
      'go out of the policy’s Pods, where it is egress',
      { policyTypes: ['Egress'], egress: [{ to: [tier('data')] }] },
      ['api -> data'],
    ],
    [
      'come from every tier, from none and from any other, where everyone is let in',
      { ingress: [{}] },
      ['web -> api', 'api -> api', 'data -> api', 'cache -> api', '(any other) -> api', '(none) -> api'],
    ],
    [
      'stay within the tier, where Pods of the same namespace are let in',
      { ingress: [{ from: [{ podSelector: {} }] }] },
      ['api -> api'],
    ],
    [
      'come from what has no tier of the vocabulary, behind a NotIn of all of them',
      {
        ingress: [
          {
            from: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web', 'api', 'data', 'cache'] }],
                },
                podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
              },
            ],
          },
        ],
      },
      ['(any other) -> api', '(none) -> api'],
    ],
    [
      'are of the namespace, where a peer asks for Pods that disagree with it: there may be older ones',
      { ingress: [{ from: [{ ...tier('web'), podSelector: { matchLabels: { tier: 'data' } } }] }] },
      ['web -> api'],
    ],
    [
      'are of any Pod of the namespace, where the policy selects no Pod that may be',
      { podSelector: { matchLabels: { tier: 'web' } }, ingress: [{ from: [tier('data')] }] },
      ['data -> api'],
    ],
    [
      'are of the Pods without the key, where the policy selects no others',
      {
        podSelector: { matchExpressions: [{ key: 'sensitivity', operator: 'DoesNotExist' }] },
        ingress: [{ from: [{ podSelector: { matchLabels: { sensitivity: 'low' } } }] }],
      },
      ['low -> (none)'],
      'sensitivity',
    ],
  ])('%s', (_, spec, expected, key = 'tier') => {
    expect(flowsIn(spec, key)).toEqual(expected);
  });

  it('go to no Pod without the key: what nothing names is nobody’s destination', () => {
    const flows = flowsIn(
      { ingress: [{ from: [{ podSelector: { matchLabels: { sensitivity: 'low' } } }] }] },
      'sensitivity',
    );
    expect(flows).toEqual(['low -> high', 'low -> medium', 'low -> low']);
  });

  it('are told by any key of the taxonomy', () => {
    expect(flowsIn({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { env: 'dev' } } }] }] }, 'env')).toEqual([
      'dev -> prod',
    ]);
  });
});

describe('identity decides', () => {
  it.each<[string, boolean, NetworkPolicySpec]>([
    ['about pods let in', true, { ingress: [{ from: [{ namespaceSelector: {} }] }] }],
    ['not about a peer that the configuration names', false, { ingress: [{ from: [named('monitoring')] }] }],
    ['about anyone, let in to Pods that are not exposed', true, { ingress: [{}] }],
    ['not about anyone, let in to Pods that are', false, { podSelector: exposed, ingress: [{}] }],
    [
      'about private addresses: any Pod may have them',
      true,
      { ingress: [{ from: [{ ipBlock: { cidr: '10.1.0.0/16' } }] }] },
    ],
    [
      'not about public addresses: no Pod has them',
      false,
      { ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] },
    ],
    ['about egress that names a taxonomy key', true, { policyTypes: ['Egress'], egress: [{ to: [tier('data')] }] }],
    [
      'not about wider egress, which breadth judges',
      false,
      { policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] },
    ],
    ['not about egress to everywhere', false, { policyTypes: ['Egress'], egress: [{}] }],
    [
      'not about egress to addresses',
      false,
      { policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
    ],
  ])('%s: %s', (_, expected, spec) => {
    const result = opened(spec);
    expect(result.openings.map((opening) => isJudgedByIdentity(opening, result, config))).toEqual([expected]);
  });
});

describe('flows as text', () => {
  const flow = (text: string): Flow => {
    const [from = '', to = ''] = text.split(' -> ');
    return { from, to };
  };

  it.each([
    ['name one', ['web -> data'], 'web -> data'],
    ['join the sources of one destination', ['web -> data', '(none) -> data'], 'web, (none) -> data'],
    ['join the destinations of one source', ['web -> data', 'web -> cache'], 'web -> data, cache'],
    [
      'name the first three of many, and count the rest',
      ['a -> b', 'b -> c', 'c -> d', 'd -> e', 'e -> f'],
      'a -> b, b -> c, c -> d and 2 more',
    ],
  ])('%s', (_, flows, expected) => {
    expect(flowText(flows.map(flow))).toBe(expected);
  });
});

describe('ports as text', () => {
  const port = (protocol: PortRange['protocol'], one: PortRange['port']): PortRange => ({
    field: '',
    protocol,
    port: one,
  });

  it.each<[string, readonly PortRange[] | undefined]>([
    ['every port', undefined],
    ['every UDP port', [port('UDP', 'all')]],
    [
      'TCP/80, TCP/8000-8080, SCTP/http',
      [port('TCP', { first: 80, last: 80 }), port('TCP', { first: 8000, last: 8080 }), port('SCTP', { name: 'http' })],
    ],
    ['TCP/1, TCP/2, TCP/3, TCP/4 and 2 more', [1, 2, 3, 4, 5, 6].map((one) => port('TCP', { first: one, last: one }))],
  ])('%s', (expected, ports) => {
    expect(portText(ports)).toBe(expected);
  });
});
