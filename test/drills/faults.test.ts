// Calls to the API server fail, in every way in which they can: nothing wrong gets in, nothing is lost, nobody is hammered, and it passes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { isFullRun } from '../e2e/scale.ts';
import { type FaultRow, faults } from './faults.ts';
import { endure, type Ordeal } from './ordeal.ts';
import { record } from './record.ts';
import { openStage, type Stage, stageOptions } from './stage.ts';

const size = isFullRun
  ? { namespaces: 60, podsEach: 2, busyMs: 3_000, quietMs: 2_000 }
  : { namespaces: 16, podsEach: 2, busyMs: 1_500, quietMs: 1_000 };
/** The promise is five seconds; a busy machine that only wants to know what is broken gets more. */
const promisedMs = isFullRun ? 5_000 : 15_000;
const rows = faults.filter(({ isShort }) => isFullRun || isShort);

describeWithControlPlane('in enforce, under an API server with', stageOptions, (controlPlane) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(controlPlane(), 'enforce');
  });
  afterAll(() => stage.end());

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_, fault, index) => {
    const busyMs = fault.lastsMs ?? size.busyMs;
    const ordeal = await endure(stage, fault, { ...size, busyMs, prefix: `fault-${index}` });
    judge(fault, ordeal);
  });

  it('and after all of them nothing was an error of our own', () => {
    expect(stage.replica.log().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});

function judge(fault: FaultRow, ordeal: Ordeal): void {
  const { idle, busy, recovery, doubted, harmed } = ordeal;
  const recoveryMs = Math.max(...Object.values(recovery));
  const perSecond = (rate: { calls: number; allowed: number }): string =>
    `${rate.calls.toFixed(0)} of at most ${rate.allowed.toFixed(0)}`;
  record({
    part: 'a faulty API server',
    drill: fault.name,
    writes: ordeal.writes,
    failed: ordeal.failed.length,
    wrong: ordeal.admitted.length + ordeal.preceding.length,
    recoveryMs,
    remark:
      `${doubted.length} right writes refused for doubt meanwhile, ${ordeal.misdeeds} wrong ones refused; ` +
      `${harmed} calls came to harm; calls a second: ${perSecond(idle)} while nobody wrote, ${perSecond(busy)} while all did`,
  });
  expect(harmed).toBeGreaterThan(0);
  expect(ordeal.failed).toEqual([]);
  expect(ordeal.admitted).toEqual([]);
  expect(ordeal.preceding).toEqual([]);
  expect(ordeal.unfenced).toEqual([]);
  expect(ordeal.misled).toBe(0);
  expect(ordeal.misdeeds).toBeGreaterThan(0);
  expect(idle.calls).toBeLessThanOrEqual(idle.allowed);
  expect(busy.calls).toBeLessThanOrEqual(busy.allowed);
  expect(recoveryMs).toBeLessThan(promisedMs);
}
