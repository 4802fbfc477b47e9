import { createGate } from '../../src/baseline/gate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import { configAt, createClusterDouble, shopLabels } from './cluster-double.ts';

/** The options of a Pod's review. */
export const pod = { ensure: true, dryRun: false };
export const config = configAt('50');
export const wall = 'deny-all-baseline';
export const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' };
export const labels: ReadonlyMap<string, string> = new Map(Object.entries(shopLabels));

/**
 * A gate in front of a cluster with the fenced namespace shop. The cache is empty until `remember`
 * is called.
 */
export function setUp() {
  const cluster = createClusterDouble();
  cluster.setNamespace('shop', shopLabels);
  const cache = new Map<string, ReturnType<typeof readNamespace>>();
  const drifted: string[] = [];
  const looked: string[] = [];
  const gate = createGate(
    {
      ...cluster,
      cachedNamespace: (name) => cache.get(name),
      onDrift: (name) => drifted.push(name),
      metrics: { looked: (outcome, ms) => looked.push(ms >= 0 && ms < 60_000 ? outcome : `${outcome} in ${ms} ms`) },
    },
    () => config,
  );
  return {
    cluster,
    drifted,
    /** The recorded metrics. */
    looked,
    gate,
    /** Puts the current namespace into the cache. */
    remember() {
      const raw = cluster.namespace('shop');
      if (raw !== undefined) cache.set('shop', readNamespace(raw));
    },
    /** Makes the baseline and clears the recorded calls. */
    async build() {
      await createReconciler(cluster, () => config)('shop');
      cluster.calls.length = 0;
      cluster.applied.length = 0;
    },
  };
}
