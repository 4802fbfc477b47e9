// A trial that cannot begin as it should.
import { beforeEach, describe, expect, it } from 'vitest';
import { isClosed } from '../../src/baseline/trial.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { makeBaseline, wall } from './scene.ts';
import { openTrialScene, until } from './trial-scene.ts';

let { scene, shop, now, run } = openTrialScene();

const deleting = `DELETE networkpolicies/shop/${wall}`;
const isOver = () => now() >= Date.parse(until);
const isMarked = () => shop()?.labels?.[fenceMark] !== undefined;
const isStanding = () => isClosed(scene.api.at(paths.policy('shop', wall)));

describe('a trial that a release without trials keeps from beginning', () => {
  beforeEach(() => {
    ({ scene, shop, now, run } = openTrialScene());
    scene.meanwhile.sleep = () => {
      if (isMarked()) makeBaseline(scene.api, 'shop');
    };
  });

  it('is taken back at once', async () => {
    const { outcome, messages } = await run();
    expect(outcome).toBe('failed');
    expect(messages).toEqual([
      expect.stringMatching(/\nThe fence is taken back: namespace shop is no longer fenced\. To fence it again: .*$/),
    ]);
    expect([isMarked(), isStanding(), isOver()]).toEqual([false, false, false]);
  });

  it('keeps its mark where a right is missing, and is not called over', async () => {
    scene.api.world.denied = ({ verb }) => verb === 'delete';
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'failed',
      [
        expect.stringContaining(
          `The mark and the wall stay until ${until} at least, because RBAC does not allow you to do all of it:`,
        ),
      ],
    ]);
    expect([isMarked(), isStanding(), isOver()]).toEqual([true, true, false]);
  });

  it('says so where it cannot be taken back', async () => {
    scene.api.world.before = (call) => {
      if (call === deleting) throw refusal(403, 'Forbidden', 'not on a Friday');
    };
    const { messages } = await run();
    expect(messages).toEqual([
      expect.stringMatching(
        /\nThe mark is removed, but deny-all-baseline, allow-dns-egress still stand, .*: not on a Friday\nTo remove them, somebody who .* runs: ringfence unfence shop$/,
      ),
    ]);
  });

  it('says so where no answer comes', async () => {
    scene.api.world.before = (call) => {
      if (scene.lines.some((line) => line.startsWith('taking the fence')) && !call.startsWith('PATCH'))
        throw refusal(0, '', 'other side closed');
    };
    const { outcome, messages } = await run();
    expect([outcome, messages]).toEqual([
      'failed',
      [
        expect.stringMatching(
          /\nThe fence could not be taken back: other side closed\nTo remove it: ringfence unfence shop$/,
        ),
      ],
    ]);
  });
});
