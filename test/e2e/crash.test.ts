// kill -9 in the middle of a burst: the admitted namespaces are fenced when Ringfence is back, and
// nothing is admitted while it is away.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { startBalancer } from './balancer.ts';
import { burst, describeBurst, precedingPods } from './burst.ts';
import { eventually, install, type Replica } from './installation.ts';
import { isFullRun, tell } from './scale.ts';
import { recordWalls, type WallHistory } from './wall-history.ts';

const count = 100;
/**
 * The number of namespaces after which it is killed: there are enough before and after, and sixteen
 * in progress.
 */
const killAfter = 40;
/**
 * The promise is five seconds from readiness to the last baseline. Outside the full run, a busy
 * machine gets more.
 */
const promisedMs = isFullRun ? 5_000 : 15_000;

// With the ServiceAccount plugin, a Pod waits for its service account, which would hide the race.
describeWithSharedControlPlane('a kill in a burst', (controlPlane) => {
  it('leaves no namespace without its baseline, and lets nothing in meanwhile', async () => {
    const cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    onTestFinished(() => cluster.close());
    const installation = await install(controlPlane(), 'enforce');
    onTestFinished(() => installation.end());
    const history = await recordWalls(controlPlane().adminKubeconfig);
    onTestFinished(() => history.stop());
    const balancer = await startBalancer();
    onTestFinished(() => balancer.close());

    const first = await installation.start({ webhookUrl: balancer.url });
    balancer.add(first.url);
    await first.untilReady();

    const names = Array.from({ length: count }, (_, index) => `burst-${index}`);
    const refusals: string[] = [];
    const running = burst(cluster, names, {
      pods: 1,
      onNamespace: (made) => {
        // It is killed at once and not through the supervisor, while admitted namespaces have no
        // baseline yet.
        if (made === killAfter) process.kill(first.process.pid, 'SIGKILL');
      },
      onRefusal: (reason) => refusals.push(reason),
    });
    await first.process.ended;
    balancer.remove(first.url);
    const gone = await history.catchUp();
    const unfenced = history.withoutBaseline();
    const refusedBefore = refusals.length;
    await eventually('refusals while nobody answers', () => refusals.length >= refusedBefore + 32);
    const refusedMeanwhile = refusals.slice(refusedBefore);
    const restarted = await history.catchUp();

    const second = await installation.start({ webhookUrl: balancer.url });
    balancer.add(second.url);
    const readyAt = await untilReady(second);
    const run = await running;
    await eventually('every baseline', () => history.withoutBaseline().length === 0);
    await history.catchUp();

    // Between the two: every refusal names the webhook that could not be called.
    const admitted = names.filter((name) => isBetween(birthOf(history, name), gone, restarted));
    const enteredMeanwhile = run.entered.filter(({ version }) => isBetween(version, gone, restarted));
    expect({ admitted, enteredMeanwhile }).toEqual({ admitted: [], enteredMeanwhile: [] });
    for (const refusal of refusedMeanwhile)
      expect(refusal).toMatch(/failed calling webhook "(namespaces|pods)\.ringfence\.dev"/);

    // Afterwards every baseline is complete.
    const repairedMs = unfenced.map((name) => baselineAt(history, name) - readyAt);
    tell(
      `${describeBurst('kill -9', names.length, run)}; ${unfenced.length} namespaces without baseline at the kill, ` +
        `the last one whole ${Math.max(0, ...repairedMs).toFixed(0)} ms after readiness; ` +
        `${refusedMeanwhile.length} creations refused meanwhile, 0 admitted`,
    );
    expect(run.entered).toHaveLength(count);
    expect(precedingPods(history, run.entered)).toEqual([]);
    expect(history.withoutBaseline()).toEqual([]);
    expect(names.filter((name) => !isMarked(history, name))).toEqual([]);
    for (const ms of repairedMs) expect(ms).toBeLessThan(promisedMs);
  });
});

/** Returns the time at which /readyz first reports ready, in milliseconds since 1970. */
async function untilReady(replica: Replica): Promise<number> {
  for (;;) {
    const answer = await fetch(`${replica.adminUrl}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return Date.now();
    await delay(10);
  }
}

function birthOf(history: WallHistory, name: string): bigint {
  return history.namespaceChanges(name).find(({ type }) => type === 'ADDED')?.version ?? 0n;
}

function isBetween(version: bigint, from: bigint, to: bigint): boolean {
  return version > from && version < to;
}

function isMarked(history: WallHistory, name: string): boolean {
  return Object.hasOwn(history.namespaceChanges(name).at(-1)?.object.metadata.labels ?? {}, 'ringfence.dev/fence');
}

/** Returns the time at which the second policy was made, in milliseconds since 1970. */
function baselineAt(history: WallHistory, namespace: string): number {
  const times = ['deny-all-baseline', 'allow-dns-egress'].map(
    (name) => history.changesOf(namespace, name).find(({ type }) => type === 'ADDED')?.at ?? Number.POSITIVE_INFINITY,
  );
  return Math.max(...times);
}
