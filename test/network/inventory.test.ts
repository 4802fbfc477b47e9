import { describe, expect, it } from 'vitest';
import { createInventory } from '../../src/network/inventory.ts';
import { deployment, names, ownedBy, pod, take, web } from './inventory-scene.ts';

describe('an inventory', () => {
  it('has one pod for a workload without pods, named kind/name', () => {
    const { world, podsByName } = take(deployment());
    expect([...podsByName.keys()]).toEqual(['shop/deployment/web']);
    expect(world.pods[0]?.labels).toEqual(new Map([['app', 'web']]));
    expect(world.pods[0]?.ports).toEqual([{ name: 'http', protocol: 'TCP', port: 80 }]);
  });

  it.each(['StatefulSet', 'DaemonSet', 'ReplicaSet'])('reads the template of a %s', (kind) => {
    expect(names({ ...deployment(), kind })).toEqual([`shop/${kind.toLowerCase()}/web`]);
  });

  it('reads the template of a CronJob, which lies deeper', () => {
    const spec = { jobTemplate: { spec: { template: web } } };
    expect(names({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'web' }, spec })).toEqual([
      'default/cronjob/web',
    ]);
  });

  it('has the pods of a workload instead of its template, where they are there', () => {
    const owned = pod('web-5f-x', {
      metadata: { labels: { 'pod-template-hash': '5f' }, ...ownedBy('ReplicaSet', 'web-5f') },
    });
    const { podsByName, ownerOf, world } = take(deployment(), owned);
    expect([...podsByName.keys()]).toEqual(['shop/web-5f-x']);
    expect(world.pods.map(ownerOf)).toEqual([{ kind: 'deployment', name: 'web' }]);
  });

  it('follows a ReplicaSet that is there to its Deployment', () => {
    const replicaSet = {
      ...deployment(),
      kind: 'ReplicaSet',
      metadata: { name: 'old', namespace: 'shop', ...ownedBy('Deployment', 'web') },
    };
    expect(names(deployment(), replicaSet, pod('p', { metadata: ownedBy('ReplicaSet', 'old') }))).toEqual(['shop/p']);
    expect(names(deployment(), replicaSet)).toEqual(['shop/deployment/web']);
  });

  it('has no pods of a workload with 0 replicas, and knows why', () => {
    const { podsByName, absent } = take(deployment({ replicas: 0 }));
    expect(podsByName.size).toBe(0);
    expect(absent.get('shop/deployment/web')).toBe('has 0 replicas: no pods');
  });

  it.each(['Succeeded', 'Failed'])('does not count a pod that has %s', (phase) => {
    const { podsByName, absent } = take(pod('p', { status: { phase } }));
    expect(podsByName.size).toBe(0);
    expect(absent.get('shop/p')).toContain('has finished');
  });

  it('knows addresses, the node, the host network, and the ports of sidecars but not of other init containers', () => {
    const { world } = take(
      pod('p', {
        spec: {
          hostNetwork: true,
          initContainers: [
            { restartPolicy: 'Always', ports: [{ containerPort: 15_000, protocol: 'UDP' }] },
            { ports: [{ name: 'once', containerPort: 1 }] },
          ],
        },
        status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '192.168.0.1' },
      }),
    );
    expect(world.pods[0]).toMatchObject({
      hostNetwork: true,
      addresses: [{ family: 4 }, { family: 6, value: (0xfd00n << 112n) + 1n }],
      nodeAddresses: [{ family: 4, value: 0xc0a80001n }],
      ports: [
        { name: 'http', protocol: 'TCP', port: 80 },
        { name: '', protocol: 'UDP', port: 15_000 },
      ],
    });
  });

  it('gives a namespace the label that the API server sets, also where it is not described', () => {
    const { world, undescribed } = take(
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'forged' } },
      },
      pod('p'),
    );
    expect(world.namespaces.get('a')?.get('kubernetes.io/metadata.name')).toBe('a');
    expect(world.namespaces.get('shop')).toEqual(new Map([['kubernetes.io/metadata.name', 'shop']]));
    expect(undescribed).toEqual(['shop']);
  });

  it('puts an object that names no namespace into default', () => {
    expect(names({ ...pod('p'), metadata: { name: 'p' } })).toEqual(['default/p']);
  });

  it('takes the same object twice as one, and refuses two that differ', () => {
    const taker = createInventory();
    expect(taker.add(pod('p'), 'a.yaml:1')).toEqual([]);
    expect(taker.add(pod('p'), 'b.yaml:1')).toEqual([]);
    expect(taker.add(pod('p', { metadata: { labels: { app: 'db' } } }), 'c.yaml:1')).toEqual([
      { field: 'metadata.name', message: 'Pod shop/p is also in a.yaml:1, and differs' },
    ]);
    expect(taker.take().podsByName.size).toBe(1);
  });

  it('adds a policy only where none of its name is', () => {
    const taker = createInventory();
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'wall', namespace: 'shop' },
      spec: {},
    };
    taker.add(policy, '');
    const own = taker.take().world.policies;
    taker.addMissing([...own, { ...(own[0] as (typeof own)[number]), name: 'other' }]);
    expect(taker.take().world.policies.map(({ name }) => name)).toEqual(['wall', 'other']);
  });

  it('counts what it does not read', () => {
    expect([
      ...take({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 's' } }, undefined, 'text').others,
    ]).toEqual([
      ['v1 ConfigMap', 1],
      [' ', 2],
    ]);
  });
});

describe('policies that decide nothing here', () => {
  const policy = (name: string, app: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app } } },
  });

  it('select no pod, not even one that is yet to be made', () => {
    const idle = { ...deployment({ replicas: 0 }), metadata: { name: 'idle', namespace: 'shop' } };
    const idleNames = take(policy('cart', 'cart'), policy('web', 'web'), idle).idlePolicies.map(({ name }) => name);
    expect(idleNames).toEqual(['cart']);
  });

  it('are not those that are assumed to exist', () => {
    const taker = createInventory();
    taker.addMissing(take(policy('wall', 'none')).world.policies);
    expect(taker.take().idlePolicies).toEqual([]);
  });
});

describe('an object that is not what its kind says', () => {
  it.each<[string, unknown, string, string]>([
    ['without a name', { apiVersion: 'v1', kind: 'Pod', metadata: {} }, 'metadata.name', 'is missing'],
    [
      'with a label that is no text',
      pod('p', { metadata: { labels: { a: true } } }),
      'metadata.labels.a',
      'is not a string (quote it)',
    ],
    [
      'with an address that is none',
      pod('p', { status: { podIP: '10.1' } }),
      'status.podIP',
      '"10.1" is not an IP address',
    ],
    [
      'with a policy that cannot be read',
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'n' },
        spec: { policyTypes: ['ingress'] },
      },
      'spec.policyTypes[0]',
      'must be Ingress or Egress, not "ingress"',
    ],
    [
      'with a template label that is no text',
      deployment({ template: { metadata: { labels: { a: 1 } } } }),
      'spec.template.metadata.labels.a',
      'is not a string (quote it)',
    ],
    [
      'with a version that is not served',
      { apiVersion: 'networking.k8s.io/v1beta1', kind: 'NetworkPolicy', metadata: { name: 'n' }, spec: {} },
      'apiVersion',
      '"networking.k8s.io/v1beta1" is not networking.k8s.io/v1',
    ],
    [
      'without a version',
      { kind: 'NetworkPolicy', metadata: { name: 'n' } },
      'apiVersion',
      'is missing: it must be networking.k8s.io/v1',
    ],
    [
      'with a misspelt group',
      { apiVersion: 'network.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'n' } },
      'apiVersion',
      '"network.k8s.io/v1" is not networking.k8s.io/v1',
    ],
    ['with the version of another kind', { ...pod('p'), apiVersion: 'apps/v1' }, 'apiVersion', '"apps/v1" is not v1'],
  ])('is a problem, and left out: %s', (_, object, field, message) => {
    const taker = createInventory();
    expect(taker.add(object, '')).toContainEqual({ field, message });
    expect(taker.take().world).toMatchObject({ pods: [], policies: [] });
  });

  it('has one Service of a name: the same twice is one, and another of that name is a problem', () => {
    const service = (app: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app }, ports: [{ port: 80 }] },
    });
    const taker = createInventory();
    expect(taker.add(service('web'), 'a.yaml:1')).toEqual([]);
    expect(taker.add(service('web'), 'b.yaml:1')).toEqual([]);
    expect(taker.add(service('api'), 'c.yaml:1')).toEqual([
      { field: 'metadata.name', message: 'Service shop/web is also in a.yaml:1, and differs' },
    ]);
    expect(taker.add({ apiVersion: 'v1', kind: 'Service' }, 'd.yaml:1')).toEqual([
      { field: 'metadata.name', message: 'is missing' },
    ]);
  });
});
