import type { Law } from '../engine.ts';
import { flowLaw, type PolicySketch } from '../worlds.ts';
import { admin, baseline, cluster, everyPod, podA, tcp } from './tier-sketches.ts';

const denyIngress: PolicySketch = { podSelector: {}, policyTypes: ['Ingress'] };
const host = { 'x/host': { ips: ['192.168.0.9'], hostNetwork: true } };

/** Whom a rule of a tier holds, and on which ports. */
export const tierPeerLaws: readonly Law[] = [
  flowLaw(
    'networks hold pods by their address, and whatever has it outside, in egress',
    [],
    {
      'x/a > y/a 80/TCP': 'denied',
      'x/a > x/b 80/TCP': 'allowed',
      'x/a > 10.0.1.77 80/TCP': 'denied',
      'x/a > 10.0.2.1 80/TCP': 'allowed',
      '10.0.1.77 > x/a 80/TCP': 'allowed',
    },
    { tiered: [cluster('p', { egress: [{ action: 'Deny', to: [{ networks: ['10.0.1.0/24'] }] }] })] },
  ),
  flowLaw(
    'the whole of IPv4 says nothing about IPv6',
    [],
    { 'x/a > 203.0.113.7 80/TCP': 'denied', 'x/a > 2001:db8::7 80/TCP': 'allowed' },
    { tiered: [cluster('p', { egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }] })] },
  ),
  flowLaw(
    'a pod whose address is not known may be in a network, and is in one that holds all',
    [],
    { 'x/a > y/new 80/TCP': 'undefined', 'x/a > y/new 81/TCP': 'denied' },
    {
      pods: { 'y/new': {} },
      tiered: [
        cluster('p', {
          egress: [
            { action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }], protocols: tcp(81) },
            { action: 'Deny', to: [{ networks: ['10.0.0.0/8'] }] },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'a rule that may hold the flow leaves open what the next one does',
    [],
    { 'x/a > y/new 80/TCP': 'undefined', 'x/a > y/new 443/TCP': 'denied' },
    {
      pods: { 'y/new': {} },
      tiered: [
        cluster('p', {
          egress: [
            { action: 'Accept', to: [{ networks: ['10.0.0.0/8'] }], protocols: tcp(80) },
            { action: 'Deny', to: everyPod },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'nodes hold the addresses of Nodes, and no pod of the pod network',
    [],
    {
      'x/a > 192.168.0.1 80/TCP': 'denied',
      'x/a > 192.168.0.2 80/TCP': 'allowed',
      'x/a > y/a 80/TCP': 'allowed',
    },
    {
      nodes: [
        { labels: { zone: 'a' }, ips: ['192.168.0.1', '10.0.1.1'] },
        { labels: { zone: 'b' }, ips: ['192.168.0.2'] },
      ],
      tiered: [cluster('p', { egress: [{ action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'a' } } }] }] })],
    },
  ),
  flowLaw(
    'without Nodes, any address outside may be one',
    [],
    { 'x/a > 203.0.113.7 80/TCP': 'undefined', 'x/a > y/a 80/TCP': 'allowed', 'y/a > 203.0.113.7 80/TCP': 'allowed' },
    { tiered: [admin('p', { egress: [{ action: 'Deny', to: [{ nodes: {} }] }] })] },
  ),
  flowLaw(
    'what a domain name stands for is not known',
    [],
    {
      'x/a > 203.0.113.7 443/TCP': 'undefined',
      'x/a > 203.0.113.7 80/TCP': 'denied',
      'x/a > 2001:db8::7 443/TCP': 'allowed',
    },
    {
      tiered: [
        cluster('p', {
          egress: [
            { action: 'Accept', to: [{ domainNames: ['*.example.com'] }], protocols: tcp(443) },
            { action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'a pod on the host’s network is no subject and no peer by label, but has its address',
    [],
    {
      'y/a > x/host 80/TCP': 'allowed',
      'x/host > y/a 80/TCP': 'allowed',
      'x/host > x/a 80/TCP': 'allowed',
      'x/a > x/host 80/TCP': 'denied',
      'x/b > x/host 81/TCP': 'allowed',
    },
    {
      pods: host,
      tiered: [
        cluster('labels', {
          ingress: [{ action: 'Deny', from: everyPod }],
          egress: [{ action: 'Deny', to: everyPod }],
          subject: { pods: { podSelector: { matchExpressions: [{ key: 'pod', operator: 'DoesNotExist' }] } } },
        }),
        cluster('peers', { ingress: [{ action: 'Deny', from: [{ namespaces: { matchLabels: { ns: 'x' } } }] }] }),
        cluster('addresses', {
          egress: [{ action: 'Deny', to: [{ networks: ['192.168.0.9/32'] }], protocols: tcp(80) }],
        }),
      ],
    },
  ),
  flowLaw(
    'what a NetworkPolicy says of a pod on the host’s network holds where both ways to read it agree',
    [denyIngress, { namespace: 'y', podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }],
    { 'x/host > x/a 80/TCP': 'denied', 'x/host > y/a 80/TCP': 'undefined', 'y/a > x/host 80/TCP': 'undefined' },
    { pods: host, tiered: [cluster('p', { ingress: [{ action: 'Pass', from: everyPod }] })] },
  ),
  flowLaw(
    'what a tier denies between a pod and its node is undefined, and with another node it is not',
    [{ podSelector: {}, policyTypes: ['Egress'] }],
    {
      'x/c > 192.168.0.1 80/TCP': 'undefined',
      'x/c > 192.168.0.1 81/TCP': 'allowed!',
      'x/c > 192.168.0.2 80/TCP': 'denied',
    },
    {
      pods: { 'x/c': { ips: ['10.0.0.3'], nodes: ['192.168.0.1'] } },
      tiered: [
        cluster('p', { egress: [{ action: 'Deny', to: [{ networks: ['192.168.0.0/16'] }], protocols: tcp(80) }] }),
      ],
    },
  ),
  flowLaw(
    'a peer of an unknown form: Accept holds nothing, Deny and Pass deny everything on every port',
    [],
    {
      'y/a > x/a 80/TCP': 'denied',
      'y/b > x/a 81/UDP': 'denied',
      '203.0.113.7 > x/a 80/TCP': 'denied',
      'x/a > y/a 80/TCP': 'allowed',
    },
    {
      tiered: [
        cluster('p', {
          ingress: [
            { action: 'Accept', from: [...podA, { services: {} }] },
            { action: 'Pass', from: [{ networks: ['10.0.0.0/8'] }], protocols: tcp(80) },
            { action: 'Accept', from: everyPod },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'an older form around a selector is not an empty selector',
    [denyIngress],
    { 'y/a > x/a 80/TCP': 'denied' },
    {
      tiered: [
        admin('p', {
          ingress: [
            {
              action: 'Allow',
              from: [{ namespaces: { namespaceSelector: {} } }, { pods: { namespaces: {}, podSelector: {} } }],
            },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'the name of a port is that of a container port of the destination, with its own protocol',
    [],
    {
      'y/a > x/a 8080/TCP': 'denied',
      'y/a > x/a 8080/UDP': 'allowed',
      'y/a > x/a 53/UDP': 'allowed',
      'y/a > x/b 9090/TCP': 'denied',
      'y/a > x/b 8080/TCP': 'allowed',
      'x/b > y/a 8080/TCP': 'denied',
      'x/b > y/a 9090/TCP': 'allowed',
    },
    {
      tiered: [
        cluster('in', { ingress: [{ action: 'Deny', from: everyPod, protocols: [{ destinationNamedPort: 'http' }] }] }),
        admin('out', { egress: [{ action: 'Deny', to: everyPod, ports: [{ namedPort: 'http' }] }] }),
      ],
    },
  ),
  flowLaw(
    'both ends of a range belong to it, in its protocol only',
    [],
    {
      'y/a > x/a 79/TCP': 'allowed',
      'y/a > x/a 80/TCP': 'denied',
      'y/a > x/a 90/TCP': 'denied',
      'y/a > x/a 91/TCP': 'allowed',
      'y/a > x/a 85/UDP': 'allowed',
      'y/a > x/a 85/SCTP': 'denied',
    },
    {
      tiered: [
        baseline({
          ingress: [
            {
              action: 'Deny',
              from: everyPod,
              ports: [{ portRange: { start: 80, end: 90 } }, { portNumber: { protocol: 'SCTP', port: 85 } }],
            },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'a peer is its namespaces and its labels, and a missing namespaceSelector is every namespace',
    [],
    { 'y/a > x/a 80/TCP': 'denied', 'x/b > x/a 80/TCP': 'denied', 'y/b > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('p', {
          ingress: [
            { action: 'Deny', from: podA },
            { action: 'Accept', from: [{ namespaces: { matchLabels: { ns: 'y' } } }] },
            { action: 'Deny', from: [{ pods: { podSelector: { matchLabels: { pod: 'b' } } } }] },
          ],
        }),
      ],
    },
  ),
];
