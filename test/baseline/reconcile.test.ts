import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { refusal } from '../api-server/object-store.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';

const wall = 'deny-all-baseline';
const dns = 'allow-dns-egress';
const ending = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const { neverFenced } = defaultConfig({ version: '50', ownNamespace: 'ringfence-system' });
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' };

function setUp(config: Config = configAt('50')) {
  const cluster = createClusterDouble();
  cluster.setNamespace('shop', shopLabels);
  const labels = new Map(Object.entries(shopLabels));
  const [desiredWall, desiredDns] = desiredBaseline({ name: 'shop', labels }, config);
  const reconcile = createReconciler(cluster, () => config);
  return { cluster, reconcile, desiredWall, desiredDns };
}

describe('reconciling a namespace', () => {
  it.each(['kube-system', 'kube-public', 'kube-node-lease', 'ringfence-system'])(
    'passes over %s, whoever marked it',
    async (name) => {
      const { cluster, reconcile } = setUp({ ...configAt('50'), neverFenced: neverFenced });
      cluster.setNamespace(name, shopLabels);
      expect(await reconcile(name)).toBe('unfenced');
      expect(cluster.writes()).toEqual([]);
    },
  );

  it('fences default, where it is marked', async () => {
    const { cluster, reconcile } = setUp();
    cluster.setNamespace('default', shopLabels);
    expect(await reconcile('default')).toBe('repaired');
    expect(cluster.writes()).toHaveLength(2);
  });

  it('makes what is missing, exactly as desired, the wall first; then reads and writes nothing', async () => {
    const { cluster, reconcile, desiredWall, desiredDns } = setUp();
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.applied).toEqual([desiredWall, desiredDns]);
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('equal');
    expect(cluster.calls).toEqual(['get namespace shop', `get shop/${wall}`, `get shop/${dns}`]);
  });

  it.each([wall, dns])('puts %s back where it was deleted, emptied or widened', async (name) => {
    const { cluster, reconcile, desiredWall, desiredDns } = setUp();
    await reconcile('shop');
    const desired = name === wall ? desiredWall : desiredDns;
    for (const spoil of [
      () => cluster.removePolicy('shop', name),
      () => cluster.setPolicy('shop', name, { podSelector: {}, policyTypes: ['Ingress'] }),
      () => cluster.setPolicy('shop', name, { ...desired?.spec, ingress: [{}] }),
    ]) {
      spoil();
      cluster.calls.length = 0;
      expect(await reconcile('shop')).toBe('repaired');
      expect(cluster.writes()).toEqual([`apply shop/${name}`]);
      expect(cluster.policy('shop', name)?.spec).toEqual(desired?.spec);
    }
  });

  it('tells which specifications it replaced, and of nothing else', async () => {
    const { cluster, desiredWall } = setUp();
    const replaced: string[] = [];
    const onReplaced = (namespace: string, name: string) => void replaced.push(`${namespace}/${name}`);
    const reconcile = createReconciler({ ...cluster, onReplaced }, () => configAt('50'));
    await reconcile('shop');
    cluster.setPolicy('shop', wall, desiredWall?.spec, { labels: {} });
    await reconcile('shop');
    expect(replaced).toEqual([]);
    cluster.setPolicy('shop', dns, { podSelector: {}, policyTypes: ['Ingress'] });
    await reconcile('shop');
    expect(replaced).toEqual([`shop/${dns}`]);
  });

  it('follows the identity of the namespace, and takes away what others claimed', async () => {
    const { cluster, reconcile, desiredWall } = setUp();
    await reconcile('shop');
    cluster.setNamespace('shop', { ...shopLabels, team: 'other' });
    cluster.setPolicy('shop', wall, desiredWall?.spec, {
      labels: { ...desiredWall?.metadata.labels, expose: 'true', note: 'x' },
    });
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.writes()).toEqual([`apply shop/${wall}`, `label shop/${wall} {"expose":null}`, `apply shop/${dns}`]);
    expect(cluster.policy('shop', wall)?.metadata.labels).toEqual({
      ...desiredWall?.metadata.labels,
      team: 'other',
      note: 'x',
    });
    expect(await reconcile('shop')).toBe('equal');
  });

  it('takes owners away without writing the rest', async () => {
    const { cluster, reconcile, desiredWall } = setUp();
    await reconcile('shop');
    cluster.setPolicy('shop', wall, desiredWall?.spec, { ownerReferences: [owner] });
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.writes()).toEqual([`clear shop/${wall}`]);
    expect(cluster.policy('shop', wall)?.metadata.ownerReferences).toBeUndefined();
  });

  it.each([
    ['clear', { ownerReferences: [owner] }],
    ['label', { labels: { ...shopLabels, expose: 'true' } }],
    ['annotate', { annotations: { 'ringfence.dev/trial-until': '2026-01-01T00:00:00Z' } }],
  ])('makes again what is deleted between its read and the call "%s"', async (verb, metadata) => {
    const { cluster, reconcile, desiredWall } = setUp();
    await reconcile('shop');
    cluster.setPolicy('shop', wall, desiredWall?.spec, { labels: desiredWall?.metadata.labels ?? {}, ...metadata });
    cluster.calls.length = 0;
    cluster.hooks.before = (call) => {
      if (call.startsWith(`${verb} shop/${wall}`)) cluster.removePolicy('shop', wall);
    };
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.writes().filter((call) => call.startsWith(verb))).toHaveLength(1);
    expect(cluster.policy('shop', wall)).toMatchObject({ spec: desiredWall?.spec });
    expect(await reconcile('shop')).toBe('equal');
  });

  it('leaves alone what it is not asked to guard', async () => {
    const { cluster, reconcile } = setUp();
    cluster.setNamespace('legacy', { env: 'prod' });
    expect(await reconcile('legacy')).toBe('unfenced');
    expect(await reconcile('nowhere')).toBe('absent');
    expect(cluster.calls).toEqual(['get namespace legacy', 'get namespace nowhere']);
  });

  it('tries again, by throwing, what the API server does not answer', async () => {
    const { cluster, reconcile } = setUp();
    for (const [failing, code] of [
      [`apply shop/${wall}`, 403],
      [`apply shop/${dns}`, 500],
      [`get shop/${wall}`, 0],
      ['get namespace shop', 503],
    ] as const) {
      cluster.hooks.before = (call) => {
        if (call === failing) throw refusal(code);
      };
      await expect(reconcile('shop')).rejects.toThrow(`answered ${code}`);
    }
  });

  it('tries again where something on the way changes the wall', async () => {
    const { cluster, reconcile } = setUp();
    cluster.hooks.stored = (policy) => ({ ...policy, spec: { ...policy.spec, egress: [{}] } });
    await expect(reconcile('shop')).rejects.toThrow('was stored with another specification');
  });

  it('tries again until a deletion under way has ended', async () => {
    const { cluster, reconcile, desiredWall } = setUp();
    await reconcile('shop');
    cluster.setPolicy('shop', wall, desiredWall?.spec, ending);
    await expect(reconcile('shop')).rejects.toThrow('is being deleted');
    cluster.removePolicy('shop', wall);
    expect(await reconcile('shop')).toBe('repaired');
  });
});

describe('a namespace that ends', () => {
  it('gets nothing new, but what still stands is kept true', async () => {
    const { cluster, reconcile, desiredWall } = setUp();
    await reconcile('shop');
    cluster.setNamespace('shop', shopLabels, ending);
    cluster.removePolicy('shop', dns);
    cluster.setPolicy('shop', wall, { ...desiredWall?.spec, ingress: [{}] });
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('terminating');
    expect(cluster.writes()).toEqual([`apply shop/${wall}`]);
    cluster.setPolicy('shop', wall, {}, ending);
    expect(await reconcile('shop')).toBe('terminating');
  });

  it('during the reconciliation is no failure', async () => {
    const { cluster, reconcile } = setUp();
    cluster.hooks.before = (call) => {
      if (call === `apply shop/${dns}`) {
        cluster.setNamespace('shop', shopLabels, ending);
        throw refusal(403);
      }
    };
    expect(await reconcile('shop')).toBe('terminating');
    cluster.setNamespace('gone', shopLabels);
    cluster.hooks.before = (call) => {
      if (call === `apply gone/${wall}`) cluster.removeNamespace('gone');
    };
    expect(await reconcile('gone')).toBe('absent');
  });
});
