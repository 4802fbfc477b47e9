import type { Law } from '../engine.ts';
import { flowLaw, type PolicySketch } from '../worlds.ts';

const denyAll: PolicySketch = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };

function fromBlocks(...cidrs: readonly string[]): readonly PolicySketch[] {
  return [{ podSelector: {}, ingress: [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })) }] }];
}

/**
 * Flows that policies do not decide, and facts that cannot be known. A `!` is an answer for which
 * no policy was evaluated.
 */
export const undefinedLaws: readonly Law[] = [
  flowLaw('a pod always reaches itself', [denyAll], {
    'x/a > x/a 8080/TCP': 'allowed!',
    'x/a > x/a 1/UDP': 'allowed!',
    'x/a > x/b 9090/TCP': 'denied',
    '10.0.0.1 > x/a 8080/TCP': 'allowed!',
  }),
  flowLaw(
    'traffic between a pod and the node it runs on is always allowed, and with another node it is not',
    [denyAll],
    {
      '192.168.0.1 > x/c 10250/TCP': 'allowed!',
      'x/c > 192.168.0.1 10250/TCP': 'allowed!',
      'fd00::1 > x/c 1/TCP': 'allowed!',
      '192.168.0.2 > x/c 10250/TCP': 'denied',
      'x/c > 192.168.0.2 10250/TCP': 'denied',
      '192.168.0.1 > x/a 10250/TCP': 'denied',
    },
    { pods: { 'x/c': { ips: ['10.0.0.3'], nodes: ['192.168.0.1', 'fd00::1'] } } },
  ),
  flowLaw(
    'two pods on one node are not node traffic',
    [denyAll],
    { 'y/c > x/c 1/TCP': 'denied' },
    {
      pods: {
        'x/c': { ips: ['10.0.0.3'], nodes: ['192.168.0.1'] },
        'y/c': { ips: ['10.0.1.3'], nodes: ['192.168.0.1'] },
      },
    },
  ),
  flowLaw(
    'a pod on the host’s network is undefined, whether policies allow or deny',
    [denyAll, { ...denyAll, namespace: 'y', policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] }],
    {
      'x/host > y/a 8080/TCP': 'undefined!',
      'y/a > x/host 8080/TCP': 'undefined!',
      'x/host > 203.0.113.9 443/TCP': 'undefined!',
      'x/host > x/host 1/TCP': 'allowed!',
    },
    { pods: { 'x/host': { ips: ['192.168.0.1'], hostNetwork: true } } },
  ),
  flowLaw(
    'the address of a pod on the host’s network is the node’s, not the pod’s',
    [{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '192.168.0.0/16' } }] }] }],
    { '192.168.0.9 > x/a 8080/TCP': 'allowed' },
    { pods: { 'x/host': { ips: ['192.168.0.9'], hostNetwork: true } } },
  ),
  flowLaw('ICMP is undefined', [denyAll], {
    'y/a > x/a 0/ICMP': 'undefined!',
    'y/a > y/b 0/ICMP': 'undefined!',
    '203.0.113.9 > x/a 8/ICMP': 'undefined!',
  }),
  flowLaw(
    'a pod whose address is not known is undefined where an ipBlock may hold it',
    fromBlocks('203.0.113.0/24'),
    { 'y/new > x/a 8080/TCP': 'undefined', 'y/a > x/a 8080/TCP': 'denied' },
    { pods: { 'y/new': { labels: { pod: 'new' } } } },
  ),
  flowLaw(
    'an address that is not known does not matter where a selector allows',
    [{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }, { namespaceSelector: {} }] }] }],
    { 'y/new > x/a 8080/TCP': 'allowed' },
    { pods: { 'y/new': {} } },
  ),
  flowLaw(
    'an address that is not known does not matter where no ipBlock holds the port',
    [{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }], ports: [{ port: 1 }] }] }],
    { 'y/new > x/a 2/TCP': 'denied', 'y/new > x/a 1/TCP': 'undefined' },
    { pods: { 'y/new': {} } },
  ),
  flowLaw(
    'an address that is not known does not matter where the other end denies',
    [
      { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] },
      { namespace: 'y', podSelector: { matchLabels: { pod: 'new' } }, policyTypes: ['Egress'] },
    ],
    { 'y/new > x/a 8080/TCP': 'denied' },
    { pods: { 'y/new': { labels: { pod: 'new' } } } },
  ),
  flowLaw(
    'an address that is not known does not matter where blocks hold every address that it may have',
    fromBlocks('0.0.0.0/1', '128.0.0.0/1', '::/0'),
    { 'y/new > x/nowhere 8080/TCP': 'allowed' },
    { pods: { 'y/new': {}, 'x/nowhere': {} } },
  ),
  flowLaw(
    'every address, but for a hole, is not every address',
    [
      {
        podSelector: {},
        ingress: [
          { from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.1.0/24'] } }, { ipBlock: { cidr: '::/0' } }] },
        ],
      },
    ],
    { 'y/new > x/a 8080/TCP': 'undefined', 'y/a > x/a 8080/TCP': 'denied' },
    { pods: { 'y/new': {} } },
  ),
  flowLaw(
    'a pod with two addresses is undefined where a block holds one of them and the other end has both families',
    fromBlocks('10.0.0.0/8'),
    { 'y/dual > x/dual 1/TCP': 'undefined' },
    { pods: { 'y/dual': { ips: ['10.0.9.1', 'fd00::9'] }, 'x/dual': { ips: ['10.0.9.2', 'fd00::8'] } } },
  ),
  flowLaw(
    'a pod with two addresses is allowed where blocks hold both',
    fromBlocks('10.0.0.0/8', 'fd00::/8'),
    { 'y/dual > x/dual 1/TCP': 'allowed' },
    { pods: { 'y/dual': { ips: ['10.0.9.1', 'fd00::9'] }, 'x/dual': { ips: ['10.0.9.2', 'fd00::8'] } } },
  ),
  flowLaw(
    'blocks less their exceptions count, and what another block puts back',
    [
      {
        podSelector: {},
        ingress: [
          {
            from: [
              { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.1.0/24'] } },
              { ipBlock: { cidr: '10.0.1.0/24' } },
              { ipBlock: { cidr: '::/0' } },
            ],
          },
        ],
      },
    ],
    { 'y/new > x/a 8080/TCP': 'allowed' },
    { pods: { 'y/new': {} } },
  ),
];
