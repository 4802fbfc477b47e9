// Calls to the API server fail in every possible way. Nothing wrong is admitted, nothing is lost,
// no loop is hot, and everything recovers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { isFullRun } from '../e2e/scale.ts';
import { faults } from './faults.ts';
import { endure } from './ordeal.ts';
import { openStage, type Stage } from './stage.ts';
import { judge } from './verdict.ts';

const size = isFullRun
  ? { namespaces: 60, podsEach: 2, busyMs: 2_500, quietMs: 1_500 }
  : { namespaces: 16, podsEach: 2, busyMs: 1_500, quietMs: 1_000 };
/** The promise is five seconds. Outside the full run, a busy machine gets more. */
const promisedMs = isFullRun ? 5_000 : 15_000;
const rows = faults.filter(({ isShort }) => isFullRun || isShort);

describeWithSharedControlPlane('in enforce, under an API server with', (controlPlane) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(controlPlane(), 'enforce');
  });
  afterAll(() => stage.end());

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_, fault, index) => {
    const busyMs = fault.lastsMs ?? size.busyMs;
    judge(fault, await endure(stage, fault, { ...size, busyMs, prefix: `fault-${index}` }), promisedMs);
  });

  it('and after all of them nothing was an error of our own', () => {
    expect(stage.replica.log().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});
