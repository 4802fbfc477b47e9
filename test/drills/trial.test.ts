// The API server is silent when a trial ends: it accepts every connection and answers no call. The
// wall opens when it answers again, and a wall that was confirmed stands all the time.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { isSameSpec } from '../../src/baseline/equality.ts';
import { openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from '../e2e/command.ts';
import { eventually } from '../e2e/installation.ts';
import { namespace } from '../e2e/objects.ts';
import { openTerminal, type StoredObject, type Terminal } from '../e2e/terminal.ts';
import type { Fault } from './fault-proxy.ts';
import { openStage, type Stage } from './stage.ts';

const silence: Fault = {
  name: 'an API server that answers nothing',
  hits: () => true,
  // At the end, the connections of the silence are lost, as those of a server that starts again.
  does: async ({ response }, isOver) => {
    await isOver;
    response.destroy();
  },
  // The open watches stay silent for ever, and tell nothing of their end either.
  watches: 'silent',
};

/** How long the API server stays silent after the end of the trial. */
const afterMs = 3_000;
/** A call takes its time limit of some seconds to fail, and the next attempt has a pause. */
const promisedMs = 5_000;

describeWithSharedControlPlane('an API server that is silent at the end of a trial', (controlPlane) => {
  let stage: Stage;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    // They are older than Ringfence, so they are not fenced when they are made.
    await admin.run('apply -f -', namespace('ended'), namespace('kept'));
    stage = await openStage(controlPlane(), 'enforce');
  });
  afterAll(() => stage.end());

  const fence = (command: string) => runCommand(controlPlane(), 'admin', `fence ${command}`);
  const specOf = async (name: string) => (await admin.get(`networkpolicy deny-all-baseline -n ${name}`)).spec;
  const isClosed = async (name: string) => isSameSpec(await specOf(name), denyAllSpec);

  it('keeps no wall beyond the moment when it answers again, and opens none that was confirmed', async () => {
    for (const command of ['kept --trial 1m --no-watch --yes', 'kept --confirm', 'ended --trial 8s --no-watch --yes'])
      expect(await fence(command)).toMatchObject({ code: 0 });
    const { metadata } = await admin.get('namespace ended');
    const end = Date.parse(metadata.annotations?.[trialAnnotation] ?? '');
    expect(Date.now()).toBeLessThan(end);
    stage.proxy.begin(silence);

    await delay(end + afterMs - Date.now());
    // Nobody else opens it: the process is asked nothing, and can write nothing.
    expect([await isClosed('ended'), stage.proxy.harmed() > 0]).toEqual([true, true]);
    const backAt = Date.now();
    stage.proxy.end();
    await eventually('the wall to be open', async () => !(await isClosed('ended')));
    expect(Date.now() - backAt).toBeLessThan(promisedMs);
    expect((await specOf('ended')) as object).toMatchObject({ podSelector: openSpec.podSelector });

    // All walls of the confirmed one, and those of the other until its end.
    await stage.history.catchUp();
    const walls = (name: string) => stage.history.changesOf(name, 'deny-all-baseline');
    const isWall = ({ object }: { readonly object: unknown }) => isSameSpec((object as StoredObject).spec, denyAllSpec);
    expect(walls('kept').map((change) => [change.type === 'DELETED', isWall(change)])).toEqual(
      walls('kept').map(() => [false, true]),
    );
    const opened = walls('ended').find((change) => !isWall(change));
    expect(opened?.at).toBeGreaterThanOrEqual(end);
    expect(await isClosed('kept')).toBe(true);
    expect(stage.history.withoutBaseline()).toEqual(['ended']);
  });
});
