import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../src/config/merge.ts';
import type { FlowEnd } from '../../src/flows/record.ts';
import { service, tier, workload } from './manifests.ts';
import { flow, lines, planOf, pod } from './scene.ts';

const owner = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', controller: true }];

function running(name: string, address: string, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'back', name, labels: { app: 'api' }, ownerReferences: owner, ...more },
    spec: { containers: [] },
    status: { podIP: address, hostIP: '192.168.0.5' },
  };
}

const world = [
  tier('front', 'web'),
  tier('back', 'api'),
  workload('front/web', 8080),
  workload('back/api', 9000),
  running('api-1', '10.1.0.1'),
  running('api-2', '10.1.0.2', { creationTimestamp: '2026-11-20T00:00:00Z' }),
  running('api-3', '10.1.0.3'),
  running('old', '10.1.0.3'),
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'one' },
    spec: { podCIDRs: ['10.1.0.0/16'] },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.6' }] },
  },
  service('back/slices', 80, 8080, { selector: undefined, clusterIP: '10.96.0.20' }),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'back', name: 'slices-1', labels: { 'kubernetes.io/service-name': 'slices' } },
    endpoints: [{ addresses: ['203.0.113.9'] }],
    ports: [{ name: 'main', port: 8443 }],
  },
  service('default/kubernetes', 443, 6443, {
    selector: undefined,
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', port: 443, targetPort: 6443 }],
  }),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    endpoints: [{ addresses: ['192.168.0.7'] }],
    ports: [{ name: 'https', port: 6443 }],
  },
  service('back/mail', 25, 25, { selector: undefined, type: 'ExternalName', externalName: 'mail.example.com' }),
];
const web = pod('front/web-5d4f8c7b9-x2x7k');
const api = pod('back/api-5d4f8c7b9-x2x7k');
const at = (address: string): FlowEnd => ({ kind: 'address', address, names: [] });

const config = mergeConfig(
  {
    peers: [
      { name: 'payments', role: 'public', cidrs: ['198.51.100.0/24'] },
      { name: 'machines', role: 'nodes', cidrs: ['172.20.0.0/16'] },
    ],
  },
  { ownNamespace: 'ringfence-system', version: '0' },
);

/** The destination of a flow from the API, as the plan names it, and its port. */
function destination(end: FlowEnd, port = 443): string {
  const { flows } = planOf(world, 'back', [flow(api, end, port)], { config });
  return flows.map((one) => `${Object.values(one.to).join(' ')} ${one.port}`).join(', ');
}

describe('the end that an address is', () => {
  it.each<[string, FlowEnd, string, number?]>([
    ['a Pod of a workload', at('10.1.0.1'), 'workload back deployment/api 443'],
    ['not a Pod that is younger than the flow', at('10.1.0.2'), 'unresolved 443'],
    ['not one of two Pods', at('10.1.0.3'), 'unresolved 443'],
    ['not outside in the network of the Pods', at('10.1.9.9'), 'unresolved 443'],
    ['another node', at('192.168.0.6'), 'node remote-node 443'],
    ['the node of the Pod itself', at('192.168.0.5'), 'node host 443'],
    ['a node that the configuration knows', at('172.20.1.1'), 'node remote-node 443'],
    ['the API server', at('192.168.0.7'), 'apiserver 443'],
    ['the API server by its Service, with its own port', at('10.96.0.1'), 'apiserver 6443'],
    ['the endpoints of a Service without a selector', at('10.96.0.20'), 'outside 203.0.113.0/24 8443', 80],
    [
      'a Service that the plugin calls outside',
      { kind: 'outside', names: [], address: '10.96.0.20' },
      'outside 203.0.113.0/24 8443',
      80,
    ],
    ['a port that the Service has not', at('10.96.0.20'), 'unresolved 81', 81],
    ['a configured peer', at('198.51.100.7'), 'outside payments 443'],
    [
      'a name in DNS before the peer',
      { kind: 'outside', names: ['pay.example.com'], address: '198.51.100.7' },
      'outside pay.example.com 443',
    ],
    [
      'an external name',
      { kind: 'service', namespace: 'back', name: 'mail', address: undefined },
      'outside mail.example.com 25',
      25,
    ],
    ['the metadata service of IPv6', at('fd00:ec2::254'), 'outside fd00:ec2::254 443'],
  ])('%s', (_, end, expected, port) => {
    expect(destination(end, port)).toBe(expected);
  });

  it('is forbidden if it is the metadata service, also over IPv6', () => {
    const flows = ['169.254.169.254', 'fd00:ec2::254'].map((address) => flow(api, at(address), 80));
    expect(planOf(world, 'back', flows).flows.map(({ fate }) => fate)).toEqual(['forbidden', 'forbidden']);
  });

  it('is written if the configuration names it', () => {
    const plan = planOf(world, 'back', [flow(api, at('198.51.100.7'), 443), flow(at('172.20.1.1'), api, 9000)], {
      config,
    });
    expect(plan.flows.map(({ fate, writtenIn }) => [fate, writtenIn])).toEqual([
      ['cut', ['allow-api-ingress']],
      ['cut', ['allow-api-egress']],
    ]);
  });
});

describe('a Service that means one Pod of a StatefulSet', () => {
  const db = (more: object): object =>
    service('back/one', 80, 9000, { clusterIP: '10.96.0.40', selector: { app: 'db', ...more } });

  it.each([
    ['by its name', { 'statefulset.kubernetes.io/pod-name': 'db-1' }, 'workload back statefulset/db 9000'],
    ['by its index', { 'apps.kubernetes.io/pod-index': '1' }, 'workload back statefulset/db 9000'],
    ['but not of another one', { 'statefulset.kubernetes.io/pod-name': 'db-next-1' }, 'unresolved 80'],
    ['but not by another label', { track: 'canary' }, 'unresolved 80'],
  ])('leads to it %s', (_, more, expected) => {
    const stateful = workload('back/db', 9000, { kind: 'StatefulSet' });
    const small = [tier('back', 'api'), workload('back/api', 9000), stateful, db(more)];
    const { flows } = planOf(small, 'back', [flow(api, at('10.96.0.40'), 80)], { config });
    expect(flows.map(({ to, port }) => `${Object.values(to).join(' ')} ${port}`)).toEqual([expected]);
  });
});

describe('a Service that leads to several workloads', () => {
  const canary = workload('back/canary', 9000, { selector: { app: 'api', track: 'canary' } });
  const both = service('back/api', 80, 'http', { clusterIP: '10.96.0.30', selector: { app: 'api' } });
  const through = flow(web, at('10.96.0.30'), 80);
  const small = [
    tier('front', 'web'),
    tier('back', 'api'),
    workload('front/web', 8080),
    workload('back/api', 9000, { selector: { app: 'api', track: 'stable' } }),
    canary,
    both,
  ];

  it('is all of them', () => {
    expect(lines(planOf(small, 'back', [through]))).toHaveLength(2);
  });

  it('is those that the same source reaches by their own addresses', () => {
    const direct = flow(web, pod('back/canary-5d4f8c7b9-x2x7k'), 9000);
    expect(lines(planOf(small, 'back', [through, direct]))).toEqual([
      'cut ingress: workload front deployment/web -> workload back deployment/canary TCP/9000',
    ]);
  });
});
