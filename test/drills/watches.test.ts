// Watches fall silent, as a connection does that a network device has dropped. The next full list
// finds what they missed.
import { afterAll, beforeAll, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { isFullRun } from '../e2e/scale.ts';
import { silences } from './faults.ts';
import { endure } from './ordeal.ts';
import { openStage, type Stage } from './stage.ts';
import { judge } from './verdict.ts';

const size = isFullRun
  ? { namespaces: 60, podsEach: 2, busyMs: 2_000, quietMs: 1_000 }
  : { namespaces: 16, podsEach: 2, busyMs: 1_500, quietMs: 500 };
/**
 * Five minutes by default. Here it is seconds, but longer than the fault, so that lists come after
 * its end.
 */
const relistSeconds = 5;
/** The list and the calls for its differences. The short run allows for a busy machine. */
const promisedMs = relistSeconds * 1000 + (isFullRun ? 1_500 : 10_000);
const rows = silences.filter(({ isShort }) => isFullRun || isShort);

describeWithSharedControlPlane('in enforce, under an API server with', (controlPlane) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(controlPlane(), 'enforce', ['--relist-seconds', String(relistSeconds)]);
  });
  afterAll(() => stage.end());

  it.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_, fault, index) => {
    judge(fault, await endure(stage, fault, { ...size, prefix: `silence-${index}` }), promisedMs);
  });
});
