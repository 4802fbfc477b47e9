// Namespaces that end, are gone in the middle of a reconciliation, and are made again under their
// old names, while the API server is faulty: each life has its own baseline before its first Pod,
// nothing is tried for ever for what is gone, and nothing is thought of the life before.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
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

/** Ending takes the namespace controller five seconds. */
const [names, lives] = isFullRun ? [8, 2] : [4, 2];
/**
 * Namespaces that are deleted the moment they are made, one after the other, as long as the fault
 * lasts.
 */
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
    await eventually('nothing that fails', async () => (await failing()) === 0, 30_000);
    const recoveryMs = performance.now() - endedAt;
    await misdeeds.stop();
    await history.catchUp();

    const reviews = readReviews(replica.log());
    const preceding = precedingPods(history, rebirths.entered);
    const leftOver = preceding.filter((pod) => isLeftOver(pod, rebirths.births, reviews, history));
    // Nobody writes any more, and what is gone is gone: whoever still calls for it is in a loop.
    await delay(relistSeconds * 1000);
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
    // Events of refusals are still told, at their pace; of baselines nothing is left to do.
    const ofBaselines = calls.map(({ call }) => call.path).filter((path) => path.includes('/networkpolicies/'));
    expect(ofBaselines, 'calls for baselines afterwards').toEqual([]);
    expect(calls.length).toBeLessThanOrEqual(idleBudget(quietMs / 1000, 0, 0));
    expect(recoveryMs).toBeLessThan(promisedMs + (fault.watches === 'silent' ? relistSeconds * 1000 : 0));
  });

  /**
   * Makes namespaces and deletes each as soon as it is there; what is refused for doubt is left.
   * Resolves to how many there were.
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

  async function failing(): Promise<number> {
    const answer = await fetch(`${stage.replica.adminUrl}/readyz`);
    return ((await answer.json()) as { baselines: { failing: number } }).baselines.failing;
  }
});
