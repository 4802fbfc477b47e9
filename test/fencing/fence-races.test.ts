// Two people who fence at the same time, and answers that are lost.
import { beforeEach, describe, expect, it } from 'vitest';
import { trialAnnotation } from '../../src/baseline/trial.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { dns, labels, putPolicy, wall } from './scene.ts';
import { openTrialScene, trial, until } from './trial-scene.ts';

let { scene, shop, at, setAnnotations, run, confirm } = openTrialScene();

const marking = 'PATCH namespaces/shop';
const brief = { trial: { ...trial, isFollowed: false } };
const othersEnd = '2026-03-01T14:00:00Z';
const writes = () => scene.api.writes().filter((call) => call === marking).length;
const endOf = () => shop()?.annotations?.[trialAnnotation];

/** Something that happens just before the first write of the command. */
function meanwhile(happens: () => void): void {
  let isDone = false;
  scene.api.world.before = (call) => {
    if (call !== marking || isDone) return;
    isDone = true;
    happens();
  };
}

/**
 * Loses the answers of writes, which are carried out all the same, and the answers of everything
 * after them while `isSilent`.
 */
function loseAnswers(times: number, isDone: boolean, isSilent = () => false): void {
  const request = scene.api.cluster.request;
  let left = times;
  let isLost = false;
  scene.api.cluster.request = async (method, path, call) => {
    const isWrite = method === 'PATCH' && path.endsWith('/shop') && left > 0;
    if (isWrite) left -= 1;
    if (isLost && isSilent()) throw refusal(0, '', 'other side closed');
    if (!isWrite) return request(method, path, call);
    isLost = true;
    if (isDone) await request(method, path, call);
    throw refusal(0, '', 'other side closed');
  };
}

beforeEach(() => {
  ({ scene, shop, at, setAnnotations, run, confirm } = openTrialScene());
});

describe('a fence while somebody else fences', () => {
  it('on trial gives no end to a fence that is not on trial', async () => {
    meanwhile(() => setAnnotations({}));
    expect(await run(brief)).toMatchObject({
      outcome: 'refused',
      steps: [],
      messages: ['namespace shop is fenced already; a trial would open its wall at the end'],
    });
    expect([endOf(), writes()]).toEqual([undefined, 1]);
  });

  it('confirms no trial', async () => {
    meanwhile(() => setAnnotations({ [trialAnnotation]: othersEnd }));
    expect(await run({})).toMatchObject({
      outcome: 'refused',
      steps: [],
      messages: [`namespace shop is on trial until ${othersEnd}. To keep its wall: ringfence fence shop --confirm`],
    });
    expect([endOf(), writes()]).toEqual([othersEnd, 1]);
  });

  it('on trial changes no end of another trial', async () => {
    meanwhile(() => setAnnotations({ [trialAnnotation]: othersEnd }));
    expect(await run(brief)).toMatchObject({
      outcome: 'refused',
      messages: [
        `nothing was changed: namespace shop was not fenced and is on trial until ${othersEnd} now, because somebody has changed it in the meantime`,
      ],
    });
    expect(endOf()).toBe(othersEnd);
  });

  it('to prolong a trial does not put back a mark that is gone, nor an end that is gone', async () => {
    await run(brief);
    meanwhile(() => {
      scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels } });
      for (const name of [wall, dns]) scene.api.erase(paths.policy('shop', name));
    });
    expect(await run(brief)).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining(`was on trial until ${until} and is not fenced now`)],
    });
    expect(shop()?.labels).toEqual(labels);
    await run(brief);
    meanwhile(() => setAnnotations({}));
    expect(await run(brief)).toMatchObject({ outcome: 'refused' });
    expect(endOf()).toBeUndefined();
  });

  it('waits for the wall where both want the same, and does not call the mark its own', async () => {
    meanwhile(() => setAnnotations({}));
    const { outcome, steps } = await run({});
    expect([outcome, steps.map(({ action }) => action)]).toEqual(['done', ['make', 'make']]);
    expect(scene.lines).toContain('somebody has fenced namespace shop in the meantime');
    expect(writes()).toBe(1);
  });

  it('on trial opens no policy that was made while the person thought', async () => {
    const { confirm: ask } = scene.ports;
    Object.assign(scene.ports, {
      async confirm(intent: Parameters<typeof ask>[0]) {
        putPolicy(scene.api, 'shop', wall, ['argocd-controller']);
        return ask(intent);
      },
    });
    expect(await run(brief)).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining('shop has deny')],
    });
    expect(writes()).toBe(0);
  });
});

describe('a fence whose answer is lost', () => {
  it.each([
    ['for good', {}, undefined],
    ['on trial', brief, until],
  ])('goes on where the mark is on, %s', async (_, options, end) => {
    loseAnswers(1, true);
    expect(await run(options)).toMatchObject({ outcome: 'done', steps: [{ action: 'mark' }, {}, {}] });
    expect([shop()?.labels?.[fenceMark], endOf(), writes()]).toEqual(['true', end, 1]);
  });

  it('follows the trial that it has begun', async () => {
    loseAnswers(1, true);
    at(30_000, () => setAnnotations({}));
    expect(await run()).toMatchObject({ outcome: 'done', messages: [expect.stringContaining('its wall stays')] });
  });

  it('knows its own trial where the mark comes late', async () => {
    let isFirst = true;
    scene.api.world.before = (call) => {
      if (call !== marking) return;
      if (isFirst) {
        isFirst = false;
        throw refusal(0, '', 'other side closed');
      }
      setAnnotations({ [trialAnnotation]: until });
    };
    expect(await run(brief)).toMatchObject({ outcome: 'done', steps: [{ action: 'mark' }, {}, {}] });
    expect([endOf(), writes()]).toEqual([until, 2]);
  });

  it('marks again where the mark is not on, and gives up after five attempts', async () => {
    loseAnswers(2, false);
    expect(await run({})).toMatchObject({ outcome: 'done', steps: [{ action: 'mark' }, {}, {}] });
    ({ scene, shop, at, setAnnotations, run, confirm } = openTrialScene());
    loseAnswers(9, false);
    expect(await run({})).toMatchObject({ outcome: 'failed', steps: [], messages: ['other side closed'] });
    expect(scene.lines.filter((line) => line === 'again: other side closed')).toHaveLength(5);
  });

  it('says that the mark is not known where nobody can say', async () => {
    loseAnswers(1, true, () => true);
    const { outcome, steps, messages } = await run(brief);
    expect([outcome, steps, messages]).toEqual([
      'failed',
      [],
      [
        [
          'it is not known whether namespace shop carries the mark',
          `If it does, its wall opens at ${until}. To keep the wall: ringfence fence shop --confirm`,
          'To see it: kubectl get namespace shop --show-labels. To remove the mark: ringfence unfence shop',
          'The API server: other side closed',
        ].join('\n'),
      ],
    ]);
  });

  it('tries a dry run again, which writes nothing', async () => {
    loseAnswers(1, false);
    expect(await run({ ...brief, dryRun: true })).toMatchObject({ outcome: 'done', dryRun: true });
    expect(shop()?.labels).toEqual(labels);
  });
});

describe('a confirmation', () => {
  beforeEach(async () => void (await run(brief)));

  it('is written again after a conflict', async () => {
    let conflicts = 4;
    scene.api.world.before = (call) => {
      if (call === marking && conflicts-- > 0) setAnnotations({ [trialAnnotation]: until, another: `${conflicts}` });
    };
    expect(await confirm()).toMatchObject({ outcome: 'done', steps: [{ action: 'confirm' }] });
    expect(endOf()).toBeUndefined();
  });

  it('is done where the answer is lost', async () => {
    loseAnswers(1, true);
    const before = writes();
    expect(await confirm()).toMatchObject({ outcome: 'done', steps: [{ action: 'confirm' }] });
    expect(writes() - before).toBe(1);
  });

  it('is written again where an answer is lost and it is not done', async () => {
    loseAnswers(2, false);
    expect(await confirm()).toMatchObject({ outcome: 'done' });
    expect(endOf()).toBeUndefined();
  });

  it('of somebody else at the same time is not called its own', async () => {
    meanwhile(() => setAnnotations({}));
    expect(await confirm()).toMatchObject({ outcome: 'unchanged', steps: [] });
  });

  it('comes too late where the end comes between two attempts', async () => {
    scene.api.world.before = async (call) => {
      if (call !== marking) return;
      await scene.ports.clock.sleep(60_000);
      throw refusal(503, 'ServiceUnavailable', 'not now');
    };
    expect(await confirm()).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining('its wall is open')],
    });
  });

  it('says that it is not known where nobody can say', async () => {
    loseAnswers(1, true, () => true);
    expect(await confirm()).toMatchObject({
      outcome: 'failed',
      steps: [],
      messages: [
        [
          `it is not known whether the trial of namespace shop is confirmed. Unless it is, its wall opens at ${until}`,
          'Confirm it again: ringfence fence shop --confirm',
          'The API server: other side closed',
        ].join('\n'),
      ],
    });
  });
});
