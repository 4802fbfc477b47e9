// Namespaces end, disappear during a reconciliation, and are created again under their old names,
// while the API server is faulty. Each life has its own baseline before its first Pod, no loop
// works for a namespace that is gone, and nothing remains from an earlier life.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { namespacesPath, networkPoliciesPath } from '../../src/cluster/resources.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { createNamespace, precedingPods } from '../e2e/burst.ts';
import { eventually } from '../e2e/installation.ts';
import { isLeftOver, readReviews, rebear } from '../e2e/rebirth.ts';
import { isFullRun } from '../e2e/scale.ts';
import { idleBudget } from './budget.ts';
import { lifeFaults } from './faults.ts';
import { startMisdeeds } from './misdeeds.ts';
import { record } from './record.ts';
import { openStage, type Stage, standing } from './stage.ts';

/** The namespace controller needs five seconds to end a namespace. */
const [names, lives] = isFullRun ? [8, 2] : [4, 2];
/** The time in which namespaces are created and deleted at once, one after the other. */
const fleetingMs = 4_000;
const promisedMs = isFullRun ? 5_000 : 15_000;
const quietMs = 2_000;
const relistSeconds = 3;
const rows = lifeFaults.filter(({ isShort }) => isFullRun || isShort);

describeWithSharedControlPlane('in enforce, with namespaces that come and go, under', (controlPlane) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(controlPlane(), 'enforce', ['--relist-seconds', String(relistSeconds)]);
  });
  afterAll(() => stage.end());

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_, fault, index) => {
    const { proxy, writers, history, replica } = stage;
    const misdeeds = startMisdeeds(writers, standing);
    proxy.begin(fault);
    const all = Array.from({ length: names }, (_name, number) => `again-${index}-${number}`);
    const [rebirths, fleeting] = await Promise.all([rebear(writers.any, all, lives), fleet(`fleeting-${index}`)]);
    const harmed = proxy.harmed();
    proxy.end();
    const endedAt = performance.now();
    await eventually('every baseline', () => history.withoutBaseline().length === 0, 30_000);
    await eventually('nothing that fails', async () => (await baselines()).failing === 0, 30_000);
    const recoveryMs = performance.now() - endedAt;
    await misdeeds.stop();
    await history.catchUp();

    const reviews = readReviews(replica.log());
    const preceding = precedingPods(history, rebirths.entered);
    const leftOver = preceding.filter((pod) => isLeftOver(pod, rebirths.births, reviews, history));
    // Nobody writes now, and the namespaces are gone. Where watches are silent, the lists say so:
    // the second one begins when the first has been taken. A process that still calls for these
    // namespaces is in a loop.
    const fleetingNames = Array.from({ length: fleeting }, (_name, number) => `fleeting-${index}-${number}`);
    await eventually('namespaces to end', () => !fleetingNames.some(isEnding));
    const goneAt = Date.now();
    for (const path of [namespacesPath, networkPoliciesPath])
      await eventually(`two lists of ${path}`, () => listsSince(goneAt, path) >= 2);
    await eventually('nothing that waits', async () => (await baselines()).pending === 0);
    const [from, log] = [Date.now(), replica.log().length];
    await delay(quietMs);
    const calls = proxy.arrivals().filter(({ at }) => at >= from);
    const complaints = replica.log().slice(log);
    record({
      part: 'a faulty API server',
      drill: `namespaces created again: ${fault.name}`,
      writes: rebirths.births.length + rebirths.entered.length + fleeting,
      failed: 0,
      wrong: misdeeds.admitted().length + preceding.length - leftOver.length,
      recoveryMs,
      remark:
        `${rebirths.births.length} lives of ${names} namespaces, and ${fleeting} that were deleted at once; ${misdeeds.sent()} wrong writes refused; ` +
        `${leftOver.length} Pods answered before the end of their namespace; ${calls.length} calls in ${quietMs / 1000} s afterwards`,
    });
    expect(harmed).toBeGreaterThan(0);
    expect(misdeeds.admitted(), 'wrong writes that were admitted').toEqual([]);
    expect(
      preceding.filter((pod) => !leftOver.includes(pod)),
      'Pods before their baseline',
    ).toEqual([]);
    expect(rebirths.births).toHaveLength(names * lives);
    expect(
      complaints.filter(({ level }) => level !== 'info'),
      'complaints afterwards',
    ).toEqual([]);
    // Events of refusals are still written, at their pace. Baselines need no more work.
    const ofBaselines = calls.map(({ call }) => call.path).filter((path) => path.includes('/networkpolicies/'));
    expect(ofBaselines, 'calls for baselines afterwards').toEqual([]);
    expect(calls.length).toBeLessThanOrEqual(idleBudget(quietMs / 1000, 0, 0));
    expect(recoveryMs).toBeLessThan(promisedMs + (fault.watches === 'silent' ? relistSeconds * 1000 : 0));
  });

  /**
   * Creates namespaces and deletes each at once. Refusals for doubt are ignored. Resolves to the
   * number of namespaces.
   */
  async function fleet(prefix: string): Promise<number> {
    const { any } = stage.writers;
    const until = performance.now() + fleetingMs;
    let made = 0;
    while (performance.now() < until) {
      try {
        const name = `${prefix}-${made}`;
        await createNamespace(any, name);
        made += 1;
        await any.request('DELETE', `${namespacesPath}/${name}`, { timeoutMs: 60_000 });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
      await delay(50);
    }
    return made;
  }

  /** The number of namespaces whose reconciliation waits or runs, and of those where it failed. */
  async function baselines(): Promise<{ readonly pending: number; readonly failing: number }> {
    const answer = await fetch(`${stage.replica.adminUrl}/readyz`);
    return ((await answer.json()) as { baselines: { pending: number; failing: number } }).baselines;
  }

  function isEnding(name: string): boolean {
    const last = stage.history.namespaceChanges(name).at(-1);
    return last?.object.metadata.deletionTimestamp !== undefined && last.type !== 'DELETED';
  }

  function listsSince(from: number, path: string): number {
    const calls = stage.proxy.arrivals().filter(({ at }) => at >= from);
    return calls.filter(({ call }) => call.method === 'GET' && call.path === path && !call.isWatch).length;
  }
});
