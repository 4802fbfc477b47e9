import { describe, expect, it } from 'vitest';
import { createInventory } from '../../src/network/inventory.ts';
import { formatPorts } from '../../src/network/port-set.ts';
import { createBatchAnswerer } from '../../src/reach/batch.ts';
import { compareDesks } from '../../src/reach/change.ts';
import { createDesk, type Desk } from '../../src/reach/desk.ts';

const front = { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'front' } } };
const port = (number: number) => ({ tcp: { destinationPort: { number } } });

function cluster(name: string, spec: object): object {
  return {
    apiVersion: 'policy.networking.k8s.io/v1beta1',
    kind: 'ClusterNetworkPolicy',
    metadata: { name },
    spec: { tier: 'Admin', priority: 10, subject: { namespaces: { matchLabels: { fenced: 'yes' } } }, ...spec },
  };
}

const wall = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'wall', namespace: 'back' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};

/** A caller in front, and an API in back, whose policies are added. */
function world(...policies: readonly object[]): Desk {
  const taker = createInventory();
  const pod = (namespace: string, name: string, podIP: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 80 }] }] },
    status: { phase: 'Running', podIP },
  });
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'front' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'back', labels: { fenced: 'yes' } } },
    pod('front', 'web', '10.0.0.1'),
    pod('back', 'api', '10.0.1.1'),
    ...policies,
  ];
  for (const object of objects) expect(taker.add(object, '')).toEqual([]);
  return createDesk(taker.take());
}

function ask(desk: Desk, from: string, to: string, number: number): unknown {
  const line = createBatchAnswerer(desk).answer(JSON.stringify({ from, to, protocol: 'TCP', port: number }));
  const { verdict, reasons } = JSON.parse(line) as { verdict: string; reasons: readonly string[] };
  return [verdict, ...reasons.filter((reason) => !reason.startsWith('egress: no policy isolates'))];
}

describe('the reasons of tiers', () => {
  it('name the tier, the priority and the rule that denies, and a remedy that helps', () => {
    const desk = world(
      wall,
      cluster('deny-web', {
        ingress: [
          { action: 'Pass', from: [front], protocols: [port(443)] },
          { name: 'name', action: 'Deny', from: [front] },
        ],
      }),
    );
    expect(ask(desk, 'front/web', 'back/api', 80)).toEqual([
      'denied',
      'ingress: Admin tier, priority 10: ClusterNetworkPolicy deny-web rule 2 "name" denies it',
      'change ClusterNetworkPolicy deny-web rule 2 "name", or accept the flow in a rule of a policy with a priority below 10: no NetworkPolicy allows what the Admin tier denies',
    ]);
    expect(ask(desk, 'front/web', 'back/api', 443)).toEqual([
      'denied',
      'ingress: Admin tier, priority 10: ClusterNetworkPolicy deny-web rule 1 passes it; back/api is isolated by back/wall, and no ingress rule there allows it',
      'in namespace back, add an ingress rule for back/api from front/web (a podSelector, and a namespaceSelector such as kubernetes.io/metadata.name: front) on TCP/443',
    ]);
  });

  it('name the rule that accepts, whatever NetworkPolicies say', () => {
    expect(
      ask(
        world(wall, cluster('open', { ingress: [{ action: 'Accept', from: [front] }] })),
        'front/web',
        'back/api',
        80,
      ),
    ).toEqual(['allowed', 'ingress: Admin tier, priority 10: ClusterNetworkPolicy open rule 1 accepts it']);
  });

  it('say that a NetworkPolicy decides before the Baseline tier', () => {
    const desk = world(cluster('base', { tier: 'Baseline', ingress: [{ action: 'Deny', from: [front] }] }));
    expect(ask(desk, 'front/web', 'back/api', 80)).toEqual([
      'denied',
      'ingress: Baseline tier, priority 10: ClusterNetworkPolicy base rule 1 denies it',
      'change ClusterNetworkPolicy base rule 1, or add a NetworkPolicy that allows the flow: it decides before the Baseline tier, and isolates back/api for ingress',
    ]);
    const helped = world(cluster('base', { tier: 'Baseline', ingress: [{ action: 'Deny', from: [front] }] }), {
      ...wall,
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
    });
    expect(ask(helped, 'front/web', 'back/api', 80)).toEqual([
      'allowed',
      'ingress: back/wall spec.ingress[0] allows it',
    ]);
  });

  it('name both policies where no order is defined', () => {
    const desk = world(
      cluster('a', { ingress: [{ action: 'Accept', from: [front] }] }),
      cluster('b', { ingress: [{ action: 'Deny', from: [front] }] }),
    );
    expect(ask(desk, 'front/web', 'back/api', 80)).toEqual([
      'undefined',
      'ingress: not known: ClusterNetworkPolicy a rule 1 accepts it and ClusterNetworkPolicy b rule 1 denies it, both with priority 10 in the Admin tier, where their order is not defined',
    ]);
  });

  it('say what is not known, and that a peer has an unknown form', () => {
    const desk = world(
      cluster('p', {
        ingress: [{ action: 'Pass', from: [{ services: {} }] }],
        egress: [
          { action: 'Accept', to: [{ domainNames: ['example.com'] }] },
          { action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] },
        ],
      }),
    );
    expect(ask(desk, 'back/api', '203.0.113.7', 443)).toEqual([
      'undefined',
      'egress: not known: ClusterNetworkPolicy p rule 1 may hold 203.0.113.7: what its domain names stand for is not known',
    ]);
    expect(ask(desk, 'front/web', 'back/api', 80)).toEqual([
      'denied',
      'ingress: Admin tier, priority 10: ClusterNetworkPolicy p rule 1 denies it, as it denies everything: the form of spec.ingress[0].from[0] is not known',
      'change ClusterNetworkPolicy p rule 1, or accept the flow in a rule of a policy with a priority below 10: no NetworkPolicy allows what the Admin tier denies',
    ]);
  });
});

describe('a comparison of two worlds with tiers', () => {
  it('finds what a tiered policy opens, closes and leaves undefined', () => {
    const changes = (before: Desk, after: Desk): readonly string[] =>
      [...compareDesks(before, after)].map(
        ({ kind, from, to, ports }) => `${kind} ${from.names.join()} > ${to.names.join()}: ${formatPorts(ports)}`,
      );
    const open = cluster('open', { ingress: [{ action: 'Accept', from: [front], protocols: [port(80)] }] });
    expect(changes(world(wall), world(wall, open))).toEqual(['opened front/web > back/api: TCP/80']);
    expect(changes(world(wall, open), world(wall))).toEqual(['closed front/web > back/api: TCP/80']);
    const nodes = cluster('nodes', { egress: [{ action: 'Deny', to: [{ nodes: {} }], protocols: [port(9100)] }] });
    expect(changes(world(), world(nodes))).toEqual([
      'closed back/api > any address: TCP/9100',
      'undefined back/api > any address: TCP/9100',
    ]);
  });
});
