import type { NetworkPolicyPort } from '../../../src/kubernetes/network-policy.ts';
import type { Law } from '../engine.ts';
import { flowLaw, type PolicySketch } from '../worlds.ts';

function ingress(...ports: readonly NetworkPolicyPort[]): readonly PolicySketch[] {
  return [{ podSelector: {}, ingress: [{ ports }] }];
}

function egress(...ports: readonly NetworkPolicyPort[]): readonly PolicySketch[] {
  return [{ podSelector: {}, policyTypes: ['Egress'], egress: [{ ports }] }];
}

/** The ports of a rule: NetworkPolicyPort of networking/v1. */
export const portLaws: readonly Law[] = [
  flowLaw('a protocol that is missing is TCP', ingress({ port: 53 }), {
    'y/a > x/a 53/TCP': 'allowed',
    'y/a > x/a 53/UDP': 'denied',
    'y/a > x/a 53/SCTP': 'denied',
  }),
  flowLaw('a port that is missing is every port of the protocol', ingress({ protocol: 'UDP' }), {
    'y/a > x/a 1/UDP': 'allowed',
    'y/a > x/a 65535/UDP': 'allowed',
    'y/a > x/a 1/TCP': 'denied',
  }),
  flowLaw('an entry that says nothing is every TCP port', ingress({}), {
    'y/a > x/a 1/TCP': 'allowed',
    'y/a > x/a 1/UDP': 'denied',
  }),
  flowLaw('SCTP is a protocol of its own', ingress({ protocol: 'SCTP', port: 8080 }), {
    'y/a > x/a 8080/SCTP': 'allowed',
    'y/a > x/a 8080/TCP': 'denied',
  }),
  flowLaw('a port is that port', ingress({ port: 8080 }), {
    'y/a > x/a 8079/TCP': 'denied',
    'y/a > x/a 8080/TCP': 'allowed',
    'y/a > x/a 8081/TCP': 'denied',
  }),
  flowLaw('endPort is included, and so is port', ingress({ port: 8000, endPort: 8010 }), {
    'y/a > x/a 7999/TCP': 'denied',
    'y/a > x/a 8000/TCP': 'allowed',
    'y/a > x/a 8010/TCP': 'allowed',
    'y/a > x/a 8011/TCP': 'denied',
    'y/a > x/a 8005/UDP': 'denied',
  }),
  flowLaw('endPort may equal port', ingress({ port: 8000, endPort: 8000 }), {
    'y/a > x/a 8000/TCP': 'allowed',
    'y/a > x/a 8001/TCP': 'denied',
  }),
  flowLaw('two ports are alternatives', ingress({ port: 1 }, { protocol: 'UDP', port: 2 }), {
    'y/a > x/a 1/TCP': 'allowed',
    'y/a > x/a 2/UDP': 'allowed',
    'y/a > x/a 2/TCP': 'denied',
  }),
  flowLaw('on ingress a name is the port of the pod that is entered', ingress({ port: 'http' }), {
    'y/a > x/a 8080/TCP': 'allowed',
    'y/a > x/b 9090/TCP': 'allowed',
    'y/a > x/b 8080/TCP': 'denied',
    'x/b > x/a 9090/TCP': 'denied',
  }),
  flowLaw('on egress a name is the port of the pod that is reached', egress({ port: 'http' }), {
    'x/a > x/b 9090/TCP': 'allowed',
    'x/a > x/b 8080/TCP': 'denied',
    'x/b > y/a 8080/TCP': 'allowed',
    'x/b > y/a 9090/TCP': 'denied',
    'x/a > y/b 8080/TCP': 'denied',
  }),
  flowLaw(
    'a name means a container port of the same protocol',
    ingress({ port: 'dns' }, { protocol: 'UDP', port: 'http' }),
    {
      'y/a > x/a 53/UDP': 'denied',
      'y/a > x/a 53/TCP': 'denied',
      'y/a > x/a 8080/UDP': 'denied',
    },
  ),
  flowLaw('a name with its protocol', ingress({ protocol: 'UDP', port: 'dns' }), {
    'y/a > x/a 53/UDP': 'allowed',
    'y/a > x/b 53/UDP': 'denied',
  }),
  flowLaw('a name means nothing outside the cluster', egress({ port: 'http' }), {
    'x/a > 203.0.113.9 8080/TCP': 'denied',
    'x/a > 203.0.113.9 80/TCP': 'denied',
  }),
  flowLaw(
    'two containers may give a name to two ports, of which each is meant',
    ingress({ port: 'web' }),
    { 'y/a > x/c 81/TCP': 'allowed', 'y/a > x/c 82/TCP': 'allowed', 'y/a > x/c 83/TCP': 'denied' },
    { pods: { 'x/c': { ips: ['10.0.0.3'], ports: ['web:81/TCP', 'web:82/TCP', 'web:83/UDP'] } } },
  ),
  flowLaw('a port that no container declares is a port like any other', ingress({ port: 7 }), {
    'y/a > x/b 7/TCP': 'allowed',
  }),
  flowLaw(
    'peers and ports of one rule must hold together, of two rules not',
    [
      {
        podSelector: {},
        ingress: [
          { from: [{ podSelector: {} }], ports: [{ port: 1 }] },
          { from: [{ namespaceSelector: { matchLabels: { ns: 'y' } } }], ports: [{ port: 2 }] },
        ],
      },
    ],
    {
      'x/b > x/a 1/TCP': 'allowed',
      'x/b > x/a 2/TCP': 'denied',
      'y/a > x/a 2/TCP': 'allowed',
      'y/a > x/a 1/TCP': 'denied',
    },
  ),
];
