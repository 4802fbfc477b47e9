// The promise that no Pod is ever stored before the wall of its namespace. It is checked by the
// store's own order of commits.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { forwardAll, holdWatches, startApiProxy } from './api-proxy.ts';
import { startBalancer } from './balancer.ts';
import { type Burst, burst, createNamespace, describeBurst, precedingPods } from './burst.ts';
import { eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { isLeftOver, readReviews, rebear } from './rebirth.ts';
import { isFullRun, tell } from './scale.ts';
import { recordWalls, type WallHistory } from './wall-history.ts';

const count = isFullRun ? 500 : 60;
const podsEach = 3;
/**
 * The namespace controller waits five seconds before it empties a terminating namespace, so each
 * life takes that long.
 */
const rebirths = isFullRun ? { names: 16, lives: 15 } : { names: 10, lives: 3 };
/** The full run takes at most two minutes on two idle cores, but the machine may be busy. */
const slow = { timeout: 600_000 };

// With the ServiceAccount plugin, a Pod waits for its service account, which would hide the race.
describeWithSharedControlPlane('the race', (controlPlane) => {
  let installation: Installation;
  let history: WallHistory;
  let cluster: Cluster;
  const afterEachTest: (() => Promise<void>)[] = [];
  const afterAllTests: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    afterAllTests.push(() => cluster.close());
    installation = await install(controlPlane(), 'enforce');
    afterAllTests.push(() => installation.end());
    history = await recordWalls(controlPlane().adminKubeconfig);
    afterAllTests.push(() => history.stop());
  });
  afterEach(() => endAll(afterEachTest));
  afterAll(() => endAll(afterAllTests));

  async function start(options: Parameters<Installation['start']>[0] = {}): Promise<Replica> {
    const replica = await installation.start(options);
    afterEachTest.push(async () => {
      replica.process.signal('SIGKILL');
      await replica.process.ended;
    });
    return replica;
  }

  async function judge(title: string, names: readonly string[], run: Burst): Promise<void> {
    tell(describeBurst(title, names.length, run));
    expect(run.entered).toHaveLength(names.length * podsEach);
    await eventually('every baseline', () => history.withoutBaseline().length === 0);
    await history.catchUp();
    expect(precedingPods(history, run.entered)).toEqual([]);
    expect(history.withoutBaseline()).toEqual([]);
    // All namespaces were marked. Otherwise "fenced and without a baseline" would prove nothing.
    const marks = names.map((name) => history.namespaceChanges(name).at(-1)?.object.metadata.labels ?? {});
    expect(marks.filter((labels) => !Object.hasOwn(labels, 'ringfence.dev/fence'))).toEqual([]);
  }

  it('is never lost with one replica', slow, async () => {
    const replica = await start();
    await replica.untilReady();
    const names = listNames('one', count);
    await judge('one replica', names, await burst(cluster, names, { pods: podsEach }));
  });

  it('is never lost with two replicas behind one address', slow, async () => {
    const balancer = await startBalancer();
    afterEachTest.push(() => balancer.close());
    const replicas = await Promise.all([1, 2].map(() => start({ webhookUrl: balancer.url })));
    for (const { url } of replicas) balancer.add(url);
    await Promise.all(replicas.map((replica) => replica.untilReady()));
    const names = listNames('two', count);
    await judge('two replicas', names, await burst(cluster, names, { pods: podsEach }));
    // Both replicas were called. Otherwise this would be the same as the previous test.
    const asked = replicas.map((replica) => replica.log().filter((line) => line['resource'] === 'pods').length);
    tell(`  Pod reviews by replica: ${asked.join(', ')}`);
    expect(Math.min(...asked)).toBeGreaterThan(0);
  });

  it(
    "is never lost with the reconciler's watches dead, and what it missed is made when they are back",
    slow,
    async () => {
      const proxy = await startApiProxy(controlPlane());
      afterEachTest.push(() => proxy.close());
      const kubeconfig = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
      const replica = await start({ arguments: ['--kubeconfig', proxy.kubeconfigFrom(kubeconfig)] });
      await replica.untilReady();
      proxy.setRule(holdWatches);
      const names = listNames('cut', count);
      const run = await burst(cluster, names, { pods: podsEach });
      tell(describeBurst('watches cut', names.length, run));
      // No review reaches the gate for this namespace. Only the reconciler can fence it, and its
      // informers are silent.
      await createNamespace(cluster, 'cut-empty');
      // The gate makes the rest of a baseline, too, but no Pod waits long for that.
      await eventually('every baseline but the missed one', () =>
        history.withoutBaseline().every((name) => name === 'cut-empty'),
      );
      await history.catchUp();
      expect(run.entered).toHaveLength(names.length * podsEach);
      expect(precedingPods(history, run.entered)).toEqual([]);
      expect(history.withoutBaseline()).toEqual(['cut-empty']);
      expect(proxy.heldCalls()).toBeGreaterThan(0);
      proxy.setRule(forwardAll);
      await eventually('the baseline of the missed namespace', () => history.withoutBaseline().length === 0);
    },
  );

  it('is never lost where namespaces end and are created again while Pods pour in', slow, async () => {
    const replica = await start();
    await replica.untilReady();
    const run = await rebear(cluster, listNames('again', rebirths.names), rebirths.lives);
    await eventually('every baseline', () => history.withoutBaseline().length === 0);
    await history.catchUp();
    const reviews = readReviews(replica.log());
    const preceding = precedingPods(history, run.entered);
    const leftOver = preceding.filter((pod) => isLeftOver(pod, run.births, reviews, history));
    tell(
      `created again: ${run.births.length} lives of ${rebirths.names} namespaces, ${run.entered.length} Pods ` +
        `(${run.refused} refused) in ${run.seconds.toFixed(1)} s; ${leftOver.length} answered before the end of their namespace`,
    );
    expect(preceding.filter((pod) => !leftOver.includes(pod))).toEqual([]);
    expect(history.withoutBaseline()).toEqual([]);
    expect(run.births).toHaveLength(rebirths.names * rebirths.lives);
  });
});

async function endAll(ends: (() => Promise<void>)[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

function listNames(prefix: string, length: number): readonly string[] {
  return Array.from({ length }, (_, index) => `${prefix}-${index}`);
}
