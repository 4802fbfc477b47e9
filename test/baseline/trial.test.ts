import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCensus } from '../../src/baseline/census.ts';
import { createController, type Store } from '../../src/baseline/controller.ts';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { createGate } from '../../src/baseline/gate.ts';
import { reservedNames } from '../../src/baseline/names.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import { asOf, formatTrialTime, isTrialTime, openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';

const until = '2026-03-01T12:15:00Z';
const end = Date.parse(until);
const wall = 'deny-all-baseline';
const both = [wall, 'allow-dns-egress'];
const config = configAt('50');
const pod = { ensure: true, dryRun: false };

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** A namespace on trial until 12:15. The API server says 12:00, and this machine 1970. */
function setUp(annotations: Readonly<Record<string, string>> = { [trialAnnotation]: until }) {
  const cluster = createClusterDouble();
  cluster.time = end - 15 * 60_000;
  cluster.setNamespace('shop', shopLabels, { uid: '1', annotations });
  const reconcile = createReconciler(cluster, () => config);
  return {
    cluster,
    reconcile,
    specs: () => both.map((name) => cluster.policy('shop', name)?.spec),
    confirm: () => cluster.setNamespace('shop', shopLabels, { uid: '1', annotations: {} }),
    gate: createGate({ ...cluster, cachedNamespace: () => undefined, onDrift: () => undefined }, () => config),
  };
}

describe('the time of a trial', () => {
  it.each(['2026-03-01T12:15:00Z', '2026-12-31T23:59:59Z'])('may be %s', (text) => {
    expect(isTrialTime(text)).toBe(true);
    expect(formatTrialTime(Date.parse(text))).toBe(text);
  });

  it.each(['', 'soon', '2026-03-01', '2026-13-01T12:15:00Z', '2026-03-01T24:00:00Z', '2026-03-01T12:15:00+01:00', 7])(
    'may not be %j, which leaves the wall where it is',
    (value) => {
      expect(isTrialTime(value)).toBe(false);
      const view = readNamespace({
        metadata: { labels: shopLabels, annotations: { [trialAnnotation]: value as string } },
      });
      expect(asOf(view, Number.MAX_SAFE_INTEGER).fenced).toBe(true);
    },
  );

  it('is never before the one that was meant', () => {
    expect(formatTrialTime(end - 999)).toBe(until);
  });
});

describe('a namespace on trial', () => {
  it('has its wall, and the wall says until when', async () => {
    const { cluster, reconcile, specs } = setUp();
    expect(await reconcile('shop')).toBe('repaired');
    expect(specs()[0]).toEqual(denyAllSpec);
    for (const name of both)
      expect(cluster.policy('shop', name)?.metadata.annotations).toMatchObject({ [trialAnnotation]: until });
    expect(await reconcile('shop')).toBe('equal');
  });

  it('keeps it until the last millisecond, and has none from the end on', async () => {
    const { cluster, reconcile, specs } = setUp();
    await reconcile('shop');
    cluster.time = end - 1;
    expect(await reconcile('shop')).toBe('equal');
    cluster.time = end;
    expect(await reconcile('shop')).toBe('opened');
    expect(specs()).toEqual([openSpec, openSpec]);
    cluster.calls.length = 0;
    expect(await reconcile('shop')).toBe('unfenced');
    expect(cluster.writes()).toEqual([]);
  });

  it('gets no wall where nobody made one in time', async () => {
    const { cluster, reconcile, specs } = setUp();
    cluster.time = end;
    expect(await reconcile('shop')).toBe('unfenced');
    expect(specs()).toEqual([undefined, undefined]);
  });

  it('keeps its wall where it is confirmed, and the wall no longer names an end', async () => {
    const { cluster, reconcile, specs, confirm } = setUp();
    await reconcile('shop');
    confirm();
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', wall)?.metadata.annotations).not.toHaveProperty([trialAnnotation]);
    cluster.time = end * 2;
    expect(await reconcile('shop')).toBe('equal');
    expect(specs()[0]).toEqual(denyAllSpec);
  });

  it('gets its wall back where it is confirmed after the end', async () => {
    const { cluster, reconcile, specs, confirm } = setUp();
    await reconcile('shop');
    cluster.time = end;
    await reconcile('shop');
    confirm();
    expect(await reconcile('shop')).toBe('repaired');
    expect(specs()[0]).toEqual(denyAllSpec);
  });

  it('loses an end on its wall that others have written too', async () => {
    const { cluster, reconcile } = setUp({});
    await reconcile('shop');
    cluster.setPolicy('shop', wall, denyAllSpec, { annotations: { [trialAnnotation]: until } });
    expect(await reconcile('shop')).toBe('repaired');
    expect(cluster.policy('shop', wall)?.metadata.annotations).not.toHaveProperty([trialAnnotation]);
  });

  // A replica reads that the trial is over, and is stopped before it writes.
  it.each([
    ['reads the namespace again', 'get shop/allow-dns-egress'],
    ['writes', `apply shop/${wall}`],
  ])('is confirmed before a slow replica %s: that one opens nothing', async (_, call) => {
    const { cluster, reconcile, specs, confirm } = setUp();
    await reconcile('shop');
    cluster.time = end;
    const other = createReconciler({ ...cluster, now: () => 0 }, () => config);
    cluster.hooks.before = async (asked) => {
      if (asked !== call) return;
      cluster.hooks.before = () => undefined;
      confirm();
      await other('shop');
    };
    expect(await reconcile('shop')).toBe('equal');
    expect(specs()[0]).toEqual(denyAllSpec);
  });

  it('opens the optional parts that it had, and no policy of a user with such a name', async () => {
    const { cluster } = setUp();
    const nodeLocalDns = { cidrs: ['169.254.20.10/32'], ports: [53] };
    const reconcile = createReconciler(cluster, () => ({ ...config, baseline: { ...config.baseline, nodeLocalDns } }));
    await reconcile('shop');
    cluster.setPolicy('shop', 'allow-probes-baseline', denyAllSpec, {});
    cluster.time = end;
    expect(await reconcile('shop')).toBe('opened');
    expect(cluster.policy('shop', 'allow-node-local-dns-baseline')?.spec).toEqual(openSpec);
    expect(cluster.policy('shop', 'allow-probes-baseline')?.spec).toEqual(denyAllSpec);
    expect(await reconcile('shop')).toBe('unfenced');
  });

  it('admits Pods before and after its end, and makes a wall only before', async () => {
    const { cluster, gate, specs } = setUp();
    expect(await gate.facts('shop', pod)).toMatchObject({ fenced: true, wall: 'made' });
    cluster.time = end;
    expect(await gate.facts('shop', pod)).toMatchObject({ fenced: false, wall: 'not-needed' });
    cluster.removePolicy('shop', wall);
    expect(await gate.facts('shop', pod)).toMatchObject({ fenced: false, wall: 'not-needed' });
    expect(specs()[0]).toBeUndefined();
  });
});

describe('the controller', () => {
  function follow(world: ReturnType<typeof setUp>) {
    const namespaces = new Map([['shop', readNamespace(world.cluster.namespace('shop') ?? { metadata: {} })]]);
    const policies = new Map<string, NetworkPolicy>();
    const hear: Parameters<Store<NetworkPolicy>['onChange']>[0][] = [];
    const store = <T>(kept: Map<string, T>) => ({
      get: (key: string) => kept.get(key),
      values: () => kept.values(),
      onChange: (handler: (typeof hear)[number]) => void hear.push(handler),
      onListed: () => undefined,
    });
    const { cluster, reconcile } = world;
    const origin = cluster.time;
    const ports = { namespaces: store(namespaces), policies: store(policies), reconcile };
    const now = () => origin + Date.now();
    const log = { info: () => undefined, warn: () => undefined };
    const controller = createController({ ...ports, now, log } as Parameters<typeof createController>[0], () => config);
    return {
      /** Moves both clocks. The caches hear of everything. */
      async pass(ms: number) {
        for (const name of reservedNames) {
          const policy = cluster.policy('shop', name);
          if (policy !== undefined) policies.set(`shop/${name}`, policy);
        }
        cluster.time = now() + ms;
        await vi.advanceTimersByTimeAsync(ms);
      },
      start: () => controller.start(new AbortController().signal),
      count: () =>
        createCensus({ namespaces, policies, now }, () => config)().find(({ namespaces: count }) => count > 0)
          ?.baseline,
    };
  }

  it('opens the wall at the end, though it hears nothing, and counts it as wrong until then', async () => {
    const world = setUp();
    await world.reconcile('shop');
    const { pass, start, count } = follow(world);
    await start();
    await pass(14 * 60_000);
    expect(world.specs()[0]).toEqual(denyAllSpec);
    expect(count()).toBe('true');
    await pass(60_000);
    expect(world.specs()).toEqual([openSpec, openSpec]);
    expect(count()).toBe('untrue');
    await pass(1);
    expect(count()).toBe('unfenced');
  });

  it('opens at its start what ended while nobody ran, and where the API server was away at the end', async () => {
    const world = setUp();
    await world.reconcile('shop');
    world.cluster.time = end + 3_600_000;
    const { pass, start } = follow(world);
    world.cluster.hooks.before = () => {
      throw new Error('away');
    };
    await start();
    await pass(5_000);
    expect(world.specs()[0]).toEqual(denyAllSpec);
    world.cluster.hooks.before = () => undefined;
    await pass(60_000);
    expect(world.specs()).toEqual([openSpec, openSpec]);
  });
});
