import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import type { Config } from '../../src/config/config.ts';
import { refusal } from '../api-server/object-store.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';

const wall = 'deny-all-baseline';
const dns = 'allow-dns-egress';
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' };
const claiming = (version: string) => ({ annotations: { 'ringfence.dev/config-version': version } });

function setUp(config: Config = configAt('50')) {
  const cluster = createClusterDouble();
  cluster.setNamespace('shop', shopLabels);
  const labels = new Map(Object.entries(shopLabels));
  const [desiredWall, desiredDns] = desiredBaseline({ name: 'shop', labels }, config);
  const reconcile = createReconciler(cluster, () => config);
  return { cluster, reconcile, desiredWall, desiredDns };
}

describe('replicas with different configurations', () => {
  const older = configAt('50');
  const dnsElsewhere = { dns: older.baseline.dns.map((place) => ({ ...place, ports: [5353] })) };

  it('end with the newer one, whatever the order', async () => {
    const newer: Config = { ...configAt('90'), baseline: dnsElsewhere };
    const { cluster, reconcile } = setUp(older);
    const reconcileNewer = createReconciler(cluster, () => newer);
    await reconcile('shop');
    expect(await reconcileNewer('shop')).toBe('repaired');
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('newer');
    expect(await reconcileNewer('shop')).toBe('equal');
    expect(cluster.writes()).toEqual([]);
  });

  it('have the wall closed by either, for no configuration opens it', async () => {
    const { cluster, reconcile, desiredWall } = setUp(older);
    const annotations = { 'ringfence.dev/config-version': '90' };
    cluster.setPolicy('shop', wall, { ...desiredWall?.spec, egress: [{}] }, { annotations });
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', wall)?.spec).toEqual(desiredWall?.spec);
  });

  it.each([wall, dns])('have a hole in %s closed under a version that the cluster never had', async (name) => {
    const { cluster, reconcile, desiredWall, desiredDns } = setUp(older);
    await reconcile('shop');
    const desired = name === wall ? desiredWall : desiredDns;
    cluster.setPolicy('shop', name, { ...desired?.spec, egress: [{}] }, claiming('91'));
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.writes()).toEqual([`apply shop/${name}`]);
    expect(cluster.policy('shop', name)?.spec).toEqual(desired?.spec);
    expect(cluster.policy('shop', name)?.metadata.annotations).toEqual({ 'ringfence.dev/config-version': '50' });
  });

  it('have a hole closed that waited in a namespace of a cluster without a ConfigMap, whatever version it claims', async () => {
    const { cluster, reconcile, desiredDns } = setUp(configAt('0'));
    cluster.configVersion = '0';
    cluster.setPolicy('shop', dns, { ...desiredDns?.spec, egress: [{}] }, claiming('1'));
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', dns)?.spec).toEqual(desiredDns?.spec);
  });

  it('ask for the live version after the object was read, and only where a newer one is claimed for another specification', async () => {
    const { cluster, reconcile, desiredDns } = setUp(older);
    const asked = () => cluster.calls.filter((call) => call === 'get version' || call === `get shop/${dns}`);
    const open = { ...desiredDns?.spec, egress: [{}] };
    await reconcile('shop');
    for (const [spec, metadata, expected] of [
      [open, {}, [`get shop/${dns}`]],
      [open, claiming('50'), [`get shop/${dns}`]],
      [desiredDns?.spec, { ...claiming('90'), labels: {} }, [`get shop/${dns}`]],
      [open, claiming('90'), [`get shop/${dns}`, 'get version']],
    ] as const) {
      cluster.setPolicy('shop', dns, spec, metadata);
      cluster.calls.length = 0;
      await reconcile('shop');
      expect(asked()).toEqual(expected);
    }
  });

  it('try again where the live version cannot be read: neither is a newer one undone nor a hole taken for right', async () => {
    const { cluster, reconcile, desiredDns } = setUp(older);
    await reconcile('shop');
    cluster.setPolicy('shop', dns, { ...desiredDns?.spec, egress: [{}] }, claiming('91'));
    for (const code of [0, 403, 404, 500]) {
      cluster.calls.length = 0;
      cluster.hooks.before = (call) => {
        if (call === 'get version') throw refusal(code);
      };
      await expect(reconcile('shop')).rejects.toThrow(`answered ${code}`);
      expect(cluster.writes()).toEqual([]);
    }
    cluster.hooks.before = () => undefined;
    expect(await reconcile('shop')).toBe('repaired');
  });

  it('mend what is no matter of configuration by itself, and keep the claim', async () => {
    const { cluster, reconcile } = setUp(older);
    const newer: Config = { ...configAt('90'), baseline: dnsElsewhere };
    await createReconciler(cluster, () => newer)('shop');
    cluster.setPolicy('shop', dns, cluster.policy('shop', dns)?.spec, {
      ownerReferences: [owner],
      labels: { env: 'dev' },
    });
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('newer');
    expect(cluster.writes()).toEqual([
      `clear shop/${dns}`,
      `label shop/${dns} {"env":"prod","tier":"web","team":"shop"}`,
    ]);
    expect(cluster.policy('shop', dns)?.metadata.annotations).toEqual({ 'ringfence.dev/config-version': '90' });
  });
});
