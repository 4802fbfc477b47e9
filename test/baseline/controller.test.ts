import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ControllerPorts, createController, type Store } from '../../src/baseline/controller.ts';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { createReconciler, type Reconcile } from '../../src/baseline/reconcile.ts';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Config } from '../../src/config/config.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wall = 'deny-all-baseline';
const { 'ringfence.dev/fence': _mark, ...unfenced } = shopLabels;

/** A cache that reports changes as an informer does. */
function createStore<T>() {
  const kept = new Map<string, T>();
  const handlers: Parameters<Store<T>['onChange']>[0][] = [];
  const listed: (() => void)[] = [];
  return {
    listed,
    onListed: (handler: () => void) => void listed.push(handler),
    get: (key: string) => kept.get(key),
    values: () => kept.values(),
    onChange: (handler: (typeof handlers)[number]) => void handlers.push(handler),
    set(key: string, current: T | undefined): void {
      const previous = kept.get(key);
      if (current === undefined) kept.delete(key);
      else kept.set(key, current);
      for (const handler of handlers) handler(key, current, previous);
    },
  };
}

function setUp() {
  const cluster = createClusterDouble();
  const namespaces = createStore<ReturnType<typeof readNamespace>>();
  const policies = createStore<NetworkPolicy>();
  let config: Config = configAt('50');
  const outcomes: string[] = [];
  const lines: string[] = [];
  const say = (details: object, message: string) => lines.push(`${message} ${JSON.stringify(details)}`);
  const log: ControllerPorts['log'] = { info: say, warn: say };
  const reconcile: Reconcile = createReconciler(cluster, () => config);
  const metrics = { reconciled: (outcome: string) => void outcomes.push(outcome) };
  const controller = createController({ ...cluster, namespaces, policies, reconcile, log, metrics }, () => config);
  const stop = new AbortController();
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return {
    cluster,
    controller,
    policies,
    stop,
    outcomes,
    lines,
    pass,
    start: () => controller.start(stop.signal),
    configure(changed: Config): void {
      config = changed;
    },
    hearNamespace(name: string): void {
      const raw = cluster.namespace(name);
      namespaces.set(name, raw === undefined ? undefined : readNamespace(raw));
    },
    hearPolicy(namespace: string, name: string): void {
      policies.set(`${namespace}/${name}`, cluster.policy(namespace, name));
    },
    /** Adds a fenced namespace with its baseline to the caches, and waits until nothing runs. */
    async settle(name: string): Promise<void> {
      cluster.setNamespace(name, shopLabels);
      await reconcile(name);
      this.hearPolicy(name, wall);
      this.hearPolicy(name, 'allow-dns-egress');
      this.hearNamespace(name);
      await pass(1_000);
      for (const kept of [cluster.calls, outcomes, lines]) kept.length = 0;
    },
  };
}

describe('the controller', () => {
  it('makes the baseline of a namespace that is new, or newly marked, at once', async () => {
    const { cluster, start, hearNamespace, outcomes, lines, pass } = setUp();
    await start();
    cluster.setNamespace('shop', unfenced);
    hearNamespace('shop');
    await pass(200);
    expect(cluster.calls).toEqual([]);
    cluster.setNamespace('shop', shopLabels);
    hearNamespace('shop');
    await pass(0);
    expect(cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
    expect([outcomes, lines]).toEqual([['repaired'], ['baseline repaired {"namespace":"shop"}']]);
  });

  it('finds at its start what went wrong while nobody looked', async () => {
    const world = setUp();
    await world.settle('fine');
    world.cluster.setNamespace('shop', shopLabels);
    world.hearNamespace('shop');
    await world.start();
    await world.pass(0);
    expect(world.cluster.writes()).toEqual([`apply shop/${wall}`, 'apply shop/allow-dns-egress']);
  });

  it('makes no call at rest: neither by itself, nor by its own writes, nor at a relist that changes nothing', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    for (let times = 0; times < 5; times += 1) {
      world.hearPolicy('shop', wall);
      world.hearPolicy('shop', 'allow-dns-egress');
      world.hearNamespace('shop');
      await world.pass(60_000);
    }
    expect(world.cluster.calls).toEqual([]);
    expect(world.controller.pending()).toBe(0);
  });

  it.each<[string, (world: ReturnType<typeof setUp>) => void]>([
    ['deleted', ({ cluster }) => cluster.removePolicy('shop', wall)],
    ['widened', ({ cluster }) => cluster.setPolicy('shop', wall, { ...denyAllSpec, ingress: [{}] })],
    ['emptied', ({ cluster }) => cluster.setPolicy('shop', wall, { podSelector: {} })],
    ['relabelled', ({ cluster }) => cluster.setPolicy('shop', wall, denyAllSpec, { labels: { env: 'dev' } })],
    [
      'given away',
      ({ cluster }) =>
        cluster.setPolicy('shop', wall, denyAllSpec, {
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' }],
        }),
    ],
  ])('has the wall right again within a second when it was %s', async (_what, spoil) => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    spoil(world);
    world.hearPolicy('shop', wall);
    await world.pass(1_000);
    expect(world.outcomes).toEqual(['repaired']);
    expect(world.cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('follows the labels of a namespace', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    world.cluster.setNamespace('shop', { ...shopLabels, note: 'no identity' });
    world.hearNamespace('shop');
    await world.pass(1_000);
    expect(world.cluster.calls).toEqual([]);
    world.cluster.setNamespace('shop', { ...shopLabels, team: 'other' });
    world.hearNamespace('shop');
    await world.pass(1_000);
    expect(world.cluster.policy('shop', wall)?.metadata.labels).toMatchObject({ team: 'other' });
  });

  it('looks live at a namespace created again, though the cache still shows the baseline of the earlier one', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    world.cluster.removeNamespace('shop');
    world.cluster.setNamespace('shop', shopLabels);
    world.hearNamespace('shop');
    await world.pass(0);
    expect(world.cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('does not care for other policies, unfenced namespaces and those that end', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    world.cluster.setPolicy('shop', 'allow-web', { podSelector: {}, ingress: [{}] });
    world.hearPolicy('shop', 'allow-web');
    world.cluster.removePolicy('shop', 'allow-web');
    world.hearPolicy('shop', 'allow-web');
    world.cluster.setNamespace('legacy', unfenced);
    world.hearNamespace('legacy');
    world.cluster.setPolicy('legacy', wall, {});
    world.hearPolicy('legacy', wall);
    world.cluster.setNamespace('shop', shopLabels, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    world.hearNamespace('shop');
    world.cluster.removePolicy('shop', wall);
    world.hearPolicy('shop', wall);
    await world.pass(60_000);
    expect(world.cluster.calls).toEqual([]);
  });

  it('repairs by its sweep what no event told, and what another configuration wants', async () => {
    const world = setUp();
    await world.settle('shop');
    await world.start();
    const dns = configAt('60').baseline.dns.map((place) => ({ ...place, ports: [5353] }));
    world.configure({ ...configAt('60'), baseline: { dns } });
    world.controller.sweep();
    await world.pass(0);
    expect(world.cluster.writes()).toEqual(['apply shop/allow-dns-egress']);
    // The event of its own write never came. Each sweep reads live again and writes nothing.
    await world.pass(180_000);
    expect(world.outcomes).toEqual(['repaired', 'equal', 'equal', 'equal']);
  });

  it('finds after a list of the policies what came and went while nothing was heard', async () => {
    const { cluster, policies, start, hearNamespace, pass } = setUp();
    await start();
    cluster.setNamespace('shop', shopLabels);
    hearNamespace('shop');
    await pass(200);
    cluster.removePolicy('shop', wall);
    for (const handler of policies.listed) handler();
    await pass(0);
    expect(cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('tries again for ever, and says so', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    world.cluster.hooks.before = (call) => {
      if (call.startsWith('apply')) throw new ApiError('down', { code: 500 });
    };
    world.cluster.removePolicy('shop', wall);
    world.hearPolicy('shop', wall);
    await world.pass(120_000);
    expect(world.controller.failing()).toBe(1);
    expect(world.lines.length).toBeGreaterThan(8);
    expect(world.lines[0]).toMatch(
      /^baseline not repaired \{"namespace":"shop","reason":"down","failures":1,"retryMs":\d+\}$/,
    );
    world.cluster.hooks.before = () => undefined;
    world.controller.enqueue('shop');
    await world.pass(500);
    expect(world.controller.failing()).toBe(0);
    expect(world.outcomes.at(-1)).toBe('repaired');
  });

  it('stops with its signal', async () => {
    const world = setUp();
    await world.start();
    await world.settle('shop');
    world.stop.abort();
    world.cluster.removePolicy('shop', wall);
    world.hearPolicy('shop', wall);
    await world.pass(60_000);
    expect(world.cluster.calls).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    await world.controller.idle();
  });
});
