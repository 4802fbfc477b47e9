import { describe, expect, it } from 'vitest';
import { baselineParts, desiredBaseline, isInForce, partsFor } from '../../src/baseline/desired.ts';
import { optionalNames, purposeOf, reservedNames } from '../../src/baseline/names.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import type { Config } from '../../src/config/config.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';
import { configWithParts, everyPart } from './parts.fixture.ts';

const labels = new Map(Object.entries(shopLabels));
const shop = { name: 'shop', labels };

describe('the optional parts', () => {
  it('are all off by default', () => {
    expect(baselineParts(configAt('1')).map(({ name }) => name)).toEqual(['deny-all-baseline', 'allow-dns-egress']);
    for (const name of Object.values(optionalNames)) expect(isInForce(name, configAt('1'))).toBe(false);
  });

  it('have a name each in the one table of names, and a purpose', () => {
    expect(baselineParts(configWithParts()).map(({ name }) => name)).toEqual(reservedNames);
    expect(new Set(reservedNames.map(purposeOf)).size).toBe(reservedNames.length);
  });

  it('allow what the configuration says, and nothing else', () => {
    const specs = Object.fromEntries(
      desiredBaseline(shop, configWithParts()).map(({ metadata, spec }) => [metadata.name, spec]),
    );
    const ofNamespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
    const dnsAt = (port: number) => [
      { protocol: 'UDP', port },
      { protocol: 'TCP', port },
    ];
    const into = { policyTypes: ['Ingress'], egress: [] };
    const outOf = { policyTypes: ['Egress'], ingress: [] };
    expect(specs).toEqual({
      'deny-all-baseline': { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
      'allow-dns-egress': {
        ...outOf,
        podSelector: {},
        egress: [
          {
            to: [{ namespaceSelector: ofNamespace('openshift-dns'), podSelector: { matchLabels: { dns: 'default' } } }],
            ports: dnsAt(5353),
          },
        ],
      },
      'allow-node-local-dns-baseline': {
        ...outOf,
        podSelector: {},
        egress: [{ to: [{ ipBlock: { cidr: '169.254.20.10/32' } }], ports: dnsAt(53) }],
      },
      'allow-monitoring-baseline': {
        ...into,
        podSelector: {},
        ingress: [
          {
            from: [
              { namespaceSelector: ofNamespace('monitoring'), podSelector: { matchLabels: { app: 'prometheus' } } },
              { ipBlock: { cidr: '10.9.0.0/24' } },
            ],
            ports: [
              { protocol: 'TCP', port: 9090 },
              { protocol: 'TCP', port: 9100, endPort: 9109 },
            ],
          },
        ],
      },
      'allow-ingress-controllers-baseline': {
        ...into,
        podSelector: { matchLabels: { expose: 'true' } },
        ingress: [
          { from: [{ namespaceSelector: ofNamespace('ingress-nginx') }], ports: [{ protocol: 'TCP', port: 8080 }] },
        ],
      },
      'allow-probes-baseline': {
        ...into,
        podSelector: {},
        ingress: [
          {
            from: [{ ipBlock: { cidr: '10.0.0.0/24' } }, { ipBlock: { cidr: 'fd00::/64' } }],
            ports: [
              { protocol: 'TCP', port: 8080, endPort: 8081 },
              { protocol: 'UDP', port: 53 },
            ],
          },
        ],
      },
      'allow-api-server-baseline': {
        ...into,
        podSelector: { matchLabels: { app: 'hook' } },
        ingress: [{ from: [{ ipBlock: { cidr: '172.16.0.0/28' } }], ports: [{ protocol: 'TCP', port: 9443 }] }],
      },
      'allow-third-party-baseline': {
        ...outOf,
        podSelector: {},
        egress: [
          {
            to: [{ ipBlock: { cidr: '203.0.113.0/24' } }, { ipBlock: { cidr: '2001:db8::/48' } }],
            ports: [{ protocol: 'TCP', port: 443 }],
          },
          { to: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: [{ protocol: 'UDP', port: 123 }] },
        ],
      },
    });
  });

  it('say expose: "true" where they let the outside in, and nowhere else', () => {
    const exposed = desiredBaseline(shop, configWithParts()).filter(
      ({ metadata }) => metadata.labels?.['expose'] !== undefined,
    );
    expect(exposed.map(({ metadata: { name, labels: own } }) => [name, own])).toEqual([
      [
        'allow-ingress-controllers-baseline',
        { 'app.kubernetes.io/managed-by': 'ringfence', env: 'prod', tier: 'web', team: 'shop', expose: 'true' },
      ],
    ]);
  });

  it('let no ingress controller into a namespace in which nothing may be exposed', () => {
    const closed = partsFor(new Map([...labels, ['expose', 'false']]), configWithParts());
    expect(reservedNames.filter((name) => !closed.some((part) => part.name === name))).toEqual([
      'allow-ingress-controllers-baseline',
    ]);
  });
});

describe('reconciling the optional parts', () => {
  /** A cluster with the baseline of one configuration, and a reconciler with another. */
  async function changed(before: Config, after: Config) {
    const cluster = createClusterDouble();
    cluster.setNamespace('shop', shopLabels);
    await createReconciler(cluster, () => before)('shop');
    const reconcile = createReconciler({ ...cluster, cachedPolicy: cluster.policy }, () => after);
    cluster.calls.length = 0;
    cluster.applied.length = 0;
    return { cluster, reconcile };
  }
  const { thirdParty: _, ...others } = everyPart.baseline;
  const withoutThirdParty = configWithParts('60', { ...everyPart, baseline: others });
  const name = 'allow-third-party-baseline';

  it('makes each, and then writes nothing', async () => {
    const { cluster, reconcile } = await changed(configAt('50'), configWithParts('60'));
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.applied.map(({ metadata }) => metadata.name)).toEqual(
      Object.values(optionalNames).toSpliced(0, 0, 'allow-dns-egress'),
    );
    expect(await reconcile('shop')).toBe('equal');
  });

  it('takes back what the configuration no longer allows, once', async () => {
    const { cluster, reconcile } = await changed(configWithParts('50'), withoutThirdParty);
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', name)?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Egress'],
      ingress: [],
      egress: [],
    });
    expect(cluster.writes()).toEqual([`apply shop/${name}`]);
    expect(await reconcile('shop')).toBe('equal');
    expect(cluster.writes()).toHaveLength(1);
  });

  it('takes the way of ingress controllers back when nothing in the namespace may be exposed any more', async () => {
    const { cluster, reconcile } = await changed(configWithParts('50'), configWithParts('50'));
    cluster.setNamespace('shop', { ...shopLabels, expose: 'false' });
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', 'allow-ingress-controllers-baseline')).toMatchObject({
      metadata: { labels: { expose: 'false' } },
      spec: { ingress: [] },
    });
  });

  it('leaves a policy of that name alone that it has not made', async () => {
    const { cluster, reconcile } = await changed(configAt('50'), configAt('50'));
    cluster.setPolicy('shop', name, { podSelector: {}, egress: [{}] });
    expect(await reconcile('shop')).toBe('equal');
    expect(cluster.writes()).toEqual([]);
  });

  it('leaves to a newer configuration what that has made', async () => {
    const { cluster, reconcile } = await changed(configWithParts('80'), withoutThirdParty);
    expect(await reconcile('shop')).toBe('newer');
    expect(cluster.writes()).toEqual([]);
  });
});
