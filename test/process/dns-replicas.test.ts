import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import type { Config } from '../../src/config/config.ts';
import { liveDnsVersion, openDnsResolver } from '../../src/process/dns.ts';
import { createClusterDouble, shopLabels } from '../baseline/cluster-double.ts';
import { handClock } from '../hand-clock.ts';
import { keeper } from '../installation/keeper-scene.ts';
import { memoryConfigurations } from '../installation/memory-configurations.ts';
import { atKubeadm, atOpenShift, auto, setUp } from './dns-scene.ts';

describe('replicas with dns: auto', () => {
  const dns = 'allow-dns-egress';
  /** A fenced namespace whose DNS rule a replica that found DNS has written. */
  async function written() {
    const cluster = createClusterDouble();
    cluster.setNamespace('shop', shopLabels);
    const found = (await setUp().resolver.read()) as Config;
    await createReconciler(cluster, () => found)('shop');
    const spec = cluster.policy('shop', dns)?.spec;
    expect(spec).toEqual(desiredBaseline({ name: 'shop', labels: new Map() }, found)[1]?.spec);
    return { cluster, spec };
  }

  it('that has not seen a change of the Service leaves the rule of one that has', async () => {
    const { cluster, spec } = await written();
    const older = openDnsResolver(
      async () => auto('50'),
      async () => ({ found: { place: atKubeadm, version: '70' } }),
      handClock(),
    );
    const config = (await older.read()) as Config;
    const search = async () => ({ found: { place: atOpenShift, version: '75' } });
    const ports = { ...cluster, liveVersion: () => liveDnsVersion('50', search) };
    expect(await createReconciler(ports, () => config)('shop')).toBe('newer');
    expect(cluster.policy('shop', dns)?.spec).toEqual(spec);
  });

  it('that starts while the Service is away leaves the rule of one that has found it', async () => {
    const { cluster, spec } = await written();
    const ports = { ...cluster, liveVersion: () => liveDnsVersion('50', async () => ({ problem: 'none exists' })) };
    expect(await createReconciler(ports, () => auto('50'))('shop')).toBe('newer');
    expect(cluster.policy('shop', dns)?.spec).toEqual(spec);
  });

  it('that was there before a change of the Service repairs what one wrote that started after it, and is gone', async () => {
    const { world, resolver, clock } = setUp();
    const told = { caBundle: 'PEM', refreshed: undefined, version: (await resolver.read())?.version ?? '' };
    const configurations = memoryConfigurations();
    // A label of the Service changes, and the place stays. The other replica starts and writes.
    world.answer = { found: { place: atOpenShift, version: '90' } };
    const liveVersion = () => liveDnsVersion('50', async () => world.answer);
    const started = keeper(configurations, clock, { ...told, version: '90' }, { liveVersion });
    await started.check();
    clock.move(1_000);
    await started.check();
    for (const raw of configurations.objects.values()) raw.webhooks = [];
    configurations.log.length = 0;
    const kept = keeper(configurations, clock, told, { liveVersion });
    clock.move(5 * 60_000);
    told.version = (await resolver.read())?.version ?? '';
    await kept.check();
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
  });
});
