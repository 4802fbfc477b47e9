import type { NetworkPolicyPeer } from '../../../src/kubernetes/network-policy.ts';
import type { Law } from '../engine.ts';
import { flowLaw, type PolicySketch } from '../worlds.ts';

const outside = '203.0.113.9';

/** Every Pod of namespace `x` admits these peers and nobody else. */
function from(...peers: readonly NetworkPolicyPeer[]): readonly PolicySketch[] {
  return [{ podSelector: {}, ingress: [{ from: peers }] }];
}

function to(...peers: readonly NetworkPolicyPeer[]): readonly PolicySketch[] {
  return [{ podSelector: {}, policyTypes: ['Egress'], egress: [{ to: peers }] }];
}

/** The meaning of a peer: NetworkPolicyPeer of networking/v1. */
export const peerLaws: readonly Law[] = [
  flowLaw('a podSelector alone means pods of the policy’s own namespace', from({ podSelector: {} }), {
    'x/b > x/a 8080/TCP': 'allowed',
    'y/a > x/a 8080/TCP': 'denied',
    [`${outside} > x/a 8080/TCP`]: 'denied',
  }),
  flowLaw(
    'a namespaceSelector alone means every pod of those namespaces',
    from({ namespaceSelector: { matchLabels: { ns: 'y' } } }),
    {
      'y/a > x/a 8080/TCP': 'allowed',
      'y/b > x/a 8080/TCP': 'allowed',
      'x/b > x/a 8080/TCP': 'denied',
    },
  ),
  flowLaw(
    'both selectors in one entry must hold',
    from({ namespaceSelector: { matchLabels: { ns: 'y' } }, podSelector: { matchLabels: { pod: 'a' } } }),
    { 'y/a > x/a 8080/TCP': 'allowed', 'y/b > x/a 8080/TCP': 'denied', 'x/a > x/b 9090/TCP': 'denied' },
  ),
  flowLaw(
    'two entries are alternatives',
    from({ namespaceSelector: { matchLabels: { ns: 'y' } } }, { podSelector: { matchLabels: { pod: 'a' } } }),
    {
      'y/a > x/a 8080/TCP': 'allowed',
      'y/b > x/a 8080/TCP': 'allowed',
      'x/a > x/b 9090/TCP': 'allowed',
      'x/b > x/a 8080/TCP': 'denied',
    },
  ),
  flowLaw('`namespaceSelector: {}` is every pod, and never an address outside', from({ namespaceSelector: {} }), {
    'y/a > x/a 8080/TCP': 'allowed',
    'x/b > x/a 8080/TCP': 'allowed',
    [`${outside} > x/a 8080/TCP`]: 'denied',
    '2001:db8::1 > x/a 8080/TCP': 'denied',
  }),
  flowLaw('`namespaceSelector: {}` on egress does not reach the internet', to({ namespaceSelector: {} }), {
    'x/a > y/a 8080/TCP': 'allowed',
    [`x/a > ${outside} 443/TCP`]: 'denied',
  }),
  flowLaw(
    'NotIn selects the namespace that lacks the key',
    from({ namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }] } }),
    { 'y/a > x/a 8080/TCP': 'allowed', 'x/b > x/a 8080/TCP': 'denied' },
  ),
  flowLaw(
    'Exists selects a namespace whose label is empty',
    from({ namespaceSelector: { matchExpressions: [{ key: 'empty', operator: 'Exists' }] } }),
    { 'y/a > x/a 8080/TCP': 'allowed', 'x/b > x/a 8080/TCP': 'denied' },
  ),
  flowLaw('matchLabels with "" needs the key', from({ podSelector: { matchLabels: { empty: '' } } }), {
    'x/b > x/a 8080/TCP': 'allowed',
    'x/a > x/b 8080/TCP': 'denied',
  }),
  flowLaw('egress asks for the labels of the destination', to({ podSelector: { matchLabels: { pod: 'b' } } }), {
    'x/a > x/b 9090/TCP': 'allowed',
    'x/b > x/a 9090/TCP': 'denied',
    'x/a > y/b 9090/TCP': 'denied',
  }),
  flowLaw(
    'a pod of a namespace that the world does not hold matches `namespaceSelector: {}` and no label',
    [
      { podSelector: { matchLabels: { pod: 'a' } }, ingress: [{ from: [{ namespaceSelector: {} }] }] },
      {
        podSelector: { matchLabels: { pod: 'b' } },
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { ns: 'y' } } }] }],
      },
    ],
    { 'z/a > x/a 8080/TCP': 'allowed', 'z/a > x/b 8080/TCP': 'denied' },
    { pods: { 'z/a': { labels: { ns: 'y' } } } },
  ),
  flowLaw('an ipBlock holds addresses outside', from({ ipBlock: { cidr: '203.0.113.0/24' } }), {
    [`${outside} > x/a 8080/TCP`]: 'allowed',
    '203.0.114.9 > x/a 8080/TCP': 'denied',
    'y/a > x/a 8080/TCP': 'denied',
  }),
  flowLaw('an ipBlock holds pods by their addresses', from({ ipBlock: { cidr: '10.0.1.1/32' } }), {
    'y/a > x/a 8080/TCP': 'allowed',
    'y/b > x/a 8080/TCP': 'denied',
    '10.0.1.1 > x/a 8080/TCP': 'allowed',
  }),
  flowLaw('an address that a pod has is that pod', from({ namespaceSelector: { matchLabels: { ns: 'y' } } }), {
    '10.0.1.1 > x/a 8080/TCP': 'allowed',
    '10.0.1.3 > x/a 8080/TCP': 'denied',
  }),
  flowLaw(
    '`except` takes away from its block',
    from({ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.0/28', '203.0.113.128/25'] } }),
    {
      '203.0.113.15 > x/a 1/TCP': 'denied',
      '203.0.113.16 > x/a 1/TCP': 'allowed',
      '203.0.113.128 > x/a 1/TCP': 'denied',
    },
  ),
  flowLaw(
    '`except` takes nothing from another entry',
    from({ ipBlock: { cidr: '0.0.0.0/0', except: ['203.0.113.0/24'] } }, { ipBlock: { cidr: '203.0.113.8/29' } }),
    {
      [`${outside} > x/a 1/TCP`]: 'allowed',
      '203.0.113.7 > x/a 1/TCP': 'denied',
      '198.51.100.1 > x/a 1/TCP': 'allowed',
    },
  ),
  flowLaw('the first and the last address of a block are in it', from({ ipBlock: { cidr: '192.0.2.64/26' } }), {
    '192.0.2.63 > x/a 1/TCP': 'denied',
    '192.0.2.64 > x/a 1/TCP': 'allowed',
    '192.0.2.127 > x/a 1/TCP': 'allowed',
    '192.0.2.128 > x/a 1/TCP': 'denied',
  }),
  flowLaw('0.0.0.0/0 says nothing about IPv6', from({ ipBlock: { cidr: '0.0.0.0/0' } }), {
    [`${outside} > x/a 1/TCP`]: 'allowed',
    '2001:db8::1 > x/a 1/TCP': 'denied',
    '::1 > x/a 1/TCP': 'denied',
  }),
  flowLaw('::/0 says nothing about IPv4', from({ ipBlock: { cidr: '::/0', except: ['2001:db8::/32'] } }), {
    '2001:db9::1 > x/a 1/TCP': 'allowed',
    '2001:db8::1 > x/a 1/TCP': 'denied',
    [`${outside} > x/a 1/TCP`]: 'denied',
  }),
  flowLaw('an ipBlock on egress', to({ ipBlock: { cidr: '203.0.113.0/24' } }), {
    [`x/a > ${outside} 443/TCP`]: 'allowed',
    'x/a > 198.51.100.1 443/TCP': 'denied',
    'x/a > y/a 443/TCP': 'denied',
  }),
];
