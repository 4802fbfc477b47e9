import type { NetworkPolicySpec } from '../../../src/kubernetes/network-policy.ts';
import type { Law } from '../engine.ts';
import { flowLaw } from '../worlds.ts';

const everyone: NetworkPolicySpec = { podSelector: {} };
const everywhere = { podSelector: {}, namespaceSelector: {} } as const;
const outside = '203.0.113.9';

/** Isolation, empty rules, and the sum of policies: NetworkPolicySpec of networking/v1. */
export const policyLaws: readonly Law[] = [
  flowLaw('a pod that no policy selects is open in both directions', [], {
    'y/a > x/a 8080/TCP': 'allowed',
    [`${outside} > x/a 8080/TCP`]: 'allowed',
    [`x/a > ${outside} 443/TCP`]: 'allowed',
  }),
  flowLaw('policyTypes missing, no egress rule: ingress is isolated, egress is not', [everyone], {
    'y/a > x/a 8080/TCP': 'denied',
    'x/a > y/a 8080/TCP': 'allowed',
  }),
  flowLaw('policyTypes missing, `egress: []`: egress is still not isolated', [{ ...everyone, egress: [] }], {
    'x/a > y/a 8080/TCP': 'allowed',
    'y/a > x/a 8080/TCP': 'denied',
  }),
  flowLaw(
    'policyTypes missing, one egress rule: both directions are isolated',
    [{ ...everyone, egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] }],
    { 'x/a > y/a 8080/TCP': 'denied', 'x/a > y/a 53/UDP': 'allowed', 'y/a > x/a 8080/TCP': 'denied' },
  ),
  flowLaw('policyTypes empty is policyTypes missing', [{ ...everyone, policyTypes: [], egress: [{}] }], {
    'x/a > y/a 8080/TCP': 'allowed',
    'y/a > x/a 8080/TCP': 'denied',
  }),
  flowLaw('policyTypes [Egress] leaves ingress open', [{ ...everyone, policyTypes: ['Egress'] }], {
    'x/a > y/a 8080/TCP': 'denied',
    'y/a > x/a 8080/TCP': 'allowed',
  }),
  flowLaw(
    'policyTypes [Egress] makes its ingress rules void',
    [
      { ...everyone, policyTypes: ['Egress'], ingress: [{}] },
      { ...everyone, policyTypes: ['Ingress'] },
    ],
    { 'y/a > x/a 8080/TCP': 'denied' },
  ),
  flowLaw(
    'policyTypes [Ingress] makes its egress rules void, and does not isolate egress',
    [
      { ...everyone, policyTypes: ['Ingress'], egress: [{}] },
      { podSelector: { matchLabels: { pod: 'b' } }, policyTypes: ['Egress'] },
    ],
    { 'x/a > y/a 8080/TCP': 'allowed', 'x/b > y/a 8080/TCP': 'denied' },
  ),
  flowLaw(
    'policyTypes [Egress] isolates no ingress, whatever its ingress rules say',
    [{ ...everyone, policyTypes: ['Egress'], ingress: [{ from: [{ podSelector: {} }] }], egress: [{}] }],
    { 'y/a > x/a 8080/TCP': 'allowed', 'x/a > y/a 8080/TCP': 'allowed' },
  ),
  flowLaw('policyTypes with both and no rules denies both', [{ ...everyone, policyTypes: ['Ingress', 'Egress'] }], {
    'x/a > y/a 8080/TCP': 'denied',
    'y/a > x/a 8080/TCP': 'denied',
    [`${outside} > x/a 8080/TCP`]: 'denied',
    [`x/a > ${outside} 443/TCP`]: 'denied',
  }),
  flowLaw('`ingress: []` denies everyone', [{ ...everyone, ingress: [] }], {
    'y/a > x/a 8080/TCP': 'denied',
    'x/b > x/a 8080/TCP': 'denied',
  }),
  flowLaw('`ingress: [{}]` lets everyone in, addresses too', [{ ...everyone, ingress: [{}] }], {
    'y/a > x/a 8080/TCP': 'allowed',
    [`${outside} > x/a 1/SCTP`]: 'allowed',
    '2001:db8::1 > x/a 1/UDP': 'allowed',
  }),
  flowLaw('`from: []` is everyone, addresses too', [{ ...everyone, ingress: [{ from: [] }] }], {
    'y/a > x/a 8080/TCP': 'allowed',
    [`${outside} > x/a 8080/TCP`]: 'allowed',
  }),
  flowLaw(
    '`to: []` is everyone, and its ports still count',
    [{ ...everyone, policyTypes: ['Egress'], egress: [{ to: [], ports: [{ port: 443 }] }] }],
    { [`x/a > ${outside} 443/TCP`]: 'allowed', 'x/a > y/a 443/TCP': 'allowed', 'x/a > y/a 80/TCP': 'denied' },
  ),
  flowLaw(
    '`ports: []` is every port of every protocol',
    [{ ...everyone, ingress: [{ from: [everywhere], ports: [] }] }],
    {
      'y/a > x/a 1/TCP': 'allowed',
      'y/a > x/a 65535/SCTP': 'allowed',
      [`${outside} > x/a 1/TCP`]: 'denied',
    },
  ),
  flowLaw('a policy selects pods of its own namespace only', [{ ...everyone, namespace: 'y' }], {
    'y/a > x/a 8080/TCP': 'allowed',
    'x/a > y/a 8080/TCP': 'denied',
  }),
  flowLaw('a policy isolates what it selects, and nothing else', [{ podSelector: { matchLabels: { pod: 'a' } } }], {
    'y/a > x/a 8080/TCP': 'denied',
    'y/a > x/b 8080/TCP': 'allowed',
  }),
  flowLaw(
    'labels and expressions of one selector must all hold',
    [
      {
        podSelector: {
          matchLabels: { pod: 'b' },
          matchExpressions: [
            { key: 'empty', operator: 'Exists' },
            { key: 'pod', operator: 'NotIn', values: ['a'] },
          ],
        },
      },
    ],
    {
      'y/a > x/a 1/TCP': 'allowed',
      'y/a > x/b 1/TCP': 'denied',
      'y/a > x/c 1/TCP': 'allowed',
      'y/a > x/d 1/TCP': 'allowed',
    },
    { pods: { 'x/c': { labels: { pod: 'b' } }, 'x/d': { labels: { pod: 'd', empty: '' } } } },
  ),
  flowLaw(
    'policies add up: what one allows, no other takes away',
    [everyone, { podSelector: { matchLabels: { pod: 'a' } }, ingress: [{ from: [everywhere] }] }, everyone],
    { 'y/a > x/a 8080/TCP': 'allowed', 'y/a > x/b 8080/TCP': 'denied' },
  ),
  flowLaw(
    'rules add up within a policy',
    [{ ...everyone, ingress: [{ ports: [{ port: 1 }] }, { ports: [{ port: 2 }] }] }],
    { 'y/a > x/a 1/TCP': 'allowed', 'y/a > x/a 2/TCP': 'allowed', 'y/a > x/a 3/TCP': 'denied' },
  ),
  flowLaw(
    'both ends must allow: ingress alone does not open a source that is isolated',
    [
      { ...everyone, ingress: [{}] },
      { ...everyone, namespace: 'y', policyTypes: ['Egress'] },
    ],
    { 'y/a > x/a 8080/TCP': 'denied', [`${outside} > x/a 8080/TCP`]: 'allowed' },
  ),
  flowLaw(
    'both ends must allow: egress alone does not open a destination that is isolated',
    [everyone, { ...everyone, namespace: 'y', policyTypes: ['Egress'], egress: [{}] }],
    { 'y/a > x/a 8080/TCP': 'denied', 'y/a > y/b 8080/TCP': 'allowed' },
  ),
  flowLaw(
    'a flow is judged from source to destination; the answer to it needs no rule of its own',
    [{ ...everyone, policyTypes: ['Ingress', 'Egress'], ingress: [{}] }],
    { 'y/a > x/a 8080/TCP': 'allowed', 'x/a > y/a 8080/TCP': 'denied' },
  ),
];
