// The end of a trial: the wall opens, whatever the command may do and whatever answers it gets.
import { beforeEach, describe, expect, it } from 'vitest';
import { isClosed } from '../../src/baseline/trial.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { dns, labels, marked, putPolicy, wall } from './scene.ts';
import { openTrialScene, until } from './trial-scene.ts';

let { scene, shop, now, run } = openTrialScene();

const unmarking = 'PATCH namespaces/shop';
const deleting = `DELETE networkpolicies/shop/${wall}`;
const again = 'To fence it again: ringfence fence shop';
const over = `the trial of namespace shop ended at ${until}, and its wall is open. ${again}`;
const isOver = () => now() >= Date.parse(until);
const isMarked = () => shop()?.labels?.[fenceMark] !== undefined;
const isStanding = () => isClosed(scene.api.at(paths.policy('shop', wall)));

/** The process hears of the end only after some milliseconds; never, by default. */
function reconcileLate(ms = Number.POSITIVE_INFINITY): void {
  const reconcile = scene.meanwhile.sleep;
  scene.meanwhile.sleep = (elapsed) => {
    if (!isOver() || now() - Date.parse(until) >= ms) reconcile(elapsed);
  };
}

/** Refuses a call from the end of the trial on. */
function refuse(refused: string, code = 403): void {
  scene.api.world.before = (call) => {
    if (isOver() && call === refused) throw refusal(code, 'Forbidden', 'not on a Friday');
  };
}

beforeEach(() => {
  ({ scene, shop, now, run } = openTrialScene());
});

describe('the end of a trial', () => {
  it('waits until Ringfence has opened the wall, and only then removes the mark', async () => {
    reconcileLate(3_000);
    let stoodAtUnmarking: boolean | undefined;
    scene.api.world.before = (call) => {
      if (isOver() && call === unmarking) stoodAtUnmarking = isStanding();
    };
    expect(await run()).toMatchObject({ outcome: 'ended', messages: [expect.stringContaining('no longer fenced')] });
    expect(stoodAtUnmarking).toBe(false);
    expect(scene.lines).toContain('the trial of namespace shop is over; waiting until Ringfence opens its wall');
  });

  it('removes nothing where a right is missing, because without the mark nobody opens the wall', async () => {
    reconcileLate(3_000);
    scene.api.world.denied = ({ verb }) => verb === 'delete';
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'ended',
      [
        over,
        [
          'The mark and the opened policies stay, because RBAC does not allow you to do all of it:',
          `  delete networkpolicies.networking.k8s.io "${wall}" in namespace shop`,
          `  delete networkpolicies.networking.k8s.io "${dns}" in namespace shop`,
        ].join('\n'),
      ],
    ]);
    expect([isMarked(), isStanding()]).toEqual([true, false]);
    expect(scene.api.writes()).toEqual([unmarking]);
  });

  it('does not say that the mark stays where only the deletion is refused', async () => {
    reconcileLate(3_000);
    refuse(deleting);
    const { outcome, steps, messages } = await run();
    expect([outcome, messages]).toEqual([
      'ended',
      [over, 'The opened policies stay, because you may not remove them: not on a Friday'],
    ]);
    expect(steps).toContainEqual(expect.objectContaining({ action: 'unmark' }));
    expect([isMarked(), isStanding()]).toEqual([false, false]);
  });

  it.each([
    ['the mark is gone', false],
    ['the answer about the mark is lost', true],
  ])('says what it does not know where no answer comes after %s', async (_, isLost) => {
    let isSilent = false;
    scene.api.world.before = (call) => {
      if (isSilent) throw refusal(0, '', 'other side closed');
      if (!isOver() || call !== unmarking) return;
      isSilent = true;
      if (!isLost) return;
      scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels: {} } });
      throw refusal(0, '', 'other side closed');
    };
    const { outcome, messages } = await run();
    const what = isLost ? 'The mark and the opened policies' : 'The opened policies';
    expect([outcome, messages]).toEqual([
      'ended',
      [over, `${what} may still be there: other side closed. To remove them: ringfence unfence shop`],
    ]);
  });

  it('says what was done too where the answer was lost', async () => {
    let losses = 1;
    scene.api.world.before = (call) => {
      if (!isOver() || call !== unmarking || losses-- <= 0) return;
      const { [fenceMark]: _, ...labels } = shop()?.labels ?? {};
      scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels } });
      throw refusal(0, '', 'other side closed');
    };
    const { outcome, steps } = await run();
    expect([outcome, steps.map(({ action }) => action)]).toEqual(['ended', ['unmark', 'delete', 'delete']]);
  });

  it('waits for an API server that does not answer at the end', async () => {
    scene.api.world.before = () => {
      const late = now() - Date.parse(until);
      if (late >= 0 && late < 100_000) throw refusal(0, '', 'other side closed');
    };
    expect(await run()).toMatchObject({ outcome: 'ended', messages: [expect.stringContaining('no longer fenced')] });
    expect([isMarked(), isStanding()]).toEqual([false, false]);
  });

  it('tells a fence that follows at once from a trial that was confirmed', async () => {
    scene.api.world.before = (call) => {
      if (call === deleting) scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels: marked } });
    };
    scene.meanwhile.sleep = withoutOpening(scene.meanwhile.sleep);
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      messages: ['somebody has fenced namespace shop again after its trial'],
    });
    expect(isMarked()).toBe(true);
  });

  it('does not wait for Ringfence where somebody has removed the mark', async () => {
    reconcileLate();
    let looks = 0;
    scene.api.world.before = (call) => {
      if (!isOver() || call !== 'GET namespaces/shop') return;
      looks += 1;
      if (looks === 2) scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels } });
    };
    expect(await run()).toMatchObject({ outcome: 'ended', steps: [{}, { action: 'delete' }, { action: 'delete' }] });
    expect(now() - Date.parse(until)).toBeLessThan(5_000);
  });

  it.each([
    ['before it', 30_000],
    ['at it', 60_000],
  ])('comes without the command too, which says so where it may not look any more %s', async (_, ms) => {
    scene.api.world.before = (call) => {
      if (scene.elapsed() >= ms && call.startsWith('GET')) throw refusal(403, 'Forbidden', 'cannot get it');
    };
    expect(await run()).toMatchObject({
      outcome: 'refused',
      messages: [
        [
          'cannot get it',
          `The trial of namespace shop ends at ${until}, with or without this command. To keep its wall, run before that time: ringfence fence shop --confirm. To remove what the trial leaves, run afterwards: ringfence unfence shop`,
        ].join('\n'),
      ],
    });
  });

  it('fails where somebody else keeps the wall', async () => {
    scene.api.world.before = (call) => {
      if (call === deleting && isStanding() === false) putPolicy(scene.api, 'shop', wall, ['argocd-controller']);
    };
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'failed',
      [
        `the trial of namespace shop is over and its mark is removed, but deny-all-baseline still stands, and Ringfence does not open it any more; argocd-controller manages its specification`,
        'To remove it, somebody who may delete NetworkPolicies there runs: ringfence unfence shop',
      ],
    ]);
  });

  function withoutOpening(sleep: (elapsed: number) => void) {
    return (elapsed: number) => {
      if (!isOver() || isMarked()) sleep(elapsed);
    };
  }
});

describe('the end of a trial without Ringfence', () => {
  beforeEach(() => reconcileLate());

  it('takes the wall away after the time to wait', async () => {
    expect(await run()).toMatchObject({
      outcome: 'ended',
      steps: [{ action: 'unmark' }, { action: 'delete' }, { action: 'delete' }],
    });
    expect(now() - Date.parse(until)).toBeGreaterThanOrEqual(30_000);
    expect([isMarked(), isStanding()]).toEqual([false, false]);
    expect(scene.lines).toContain(
      'Ringfence has not opened the wall of namespace shop in 30 s, so this command removes it; if it is interrupted: ringfence unfence shop',
    );
  });

  it('leaves the mark where a right is missing, so that Ringfence opens the wall when it runs', async () => {
    scene.api.world.denied = ({ verb }) => verb === 'delete';
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'failed',
      [
        'the trial of namespace shop is over, but its wall still stands. Is Ringfence running? kubectl get pods --namespace ringfence-system',
        [
          'The mark stays too, and Ringfence opens the wall when it runs. This command left both, because RBAC does not allow you to do all of it:',
          `  delete networkpolicies.networking.k8s.io "${wall}" in namespace shop`,
          `  delete networkpolicies.networking.k8s.io "${dns}" in namespace shop`,
        ].join('\n'),
        'To remove both at once, somebody who may delete NetworkPolicies there runs: ringfence unfence shop',
      ],
    ]);
    expect([isMarked(), isStanding()]).toEqual([true, true]);
  });

  it('says that nobody opens the wall any more where the mark is gone and the deletion is refused', async () => {
    refuse(deleting);
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'failed',
      [
        `the trial of namespace shop is over and its mark is removed, but deny-all-baseline, allow-dns-egress still stand, and Ringfence does not open them any more; you may not remove them: not on a Friday`,
        'To remove them, somebody who may delete NetworkPolicies there runs: ringfence unfence shop',
      ],
    ]);
  });
});
