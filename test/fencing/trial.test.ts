import { beforeEach, describe, expect, it } from 'vitest';
import { openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { readDuration } from '../../src/commands/options.ts';
import { exitCodeOf } from '../../src/fencing/report.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { labels, makeBaseline, marked, wall } from './scene.ts';
import { openTrialScene, trial, until } from './trial-scene.ts';

let { scene, shop, now, at, setAnnotations, run, confirm } = openTrialScene();

beforeEach(() => {
  ({ scene, shop, now, at, setAnnotations, run, confirm } = openTrialScene());
});

describe('fence --trial', () => {
  it('sets the end by the time of the API server, together with the mark, and takes itself back', async () => {
    const report = await run();
    expect(report).toMatchObject({
      outcome: 'ended',
      steps: [
        { action: 'unmark', name: 'shop' },
        { action: 'delete', name: wall },
        { action: 'delete', name: 'allow-dns-egress' },
      ],
      messages: [
        'the trial of namespace shop was not confirmed: it is no longer fenced. To fence it again: ringfence fence shop',
      ],
    });
    expect(exitCodeOf(report)).toBe(1);
    expect(scene.intents[0]?.steps[0]?.detail).toBe(`${fenceMark}=true, ${trialAnnotation}=${until}`);
    expect(scene.intents[0]?.cautions.at(-1)).toContain('After 60 s the wall opens again');
    expect(scene.lines).toContain(
      `namespace shop is on trial until ${until}, with or without this command. To keep its wall: ringfence fence shop --confirm`,
    );
    expect(scene.api.writes()[0]).toBe('PATCH namespaces/shop');
    expect([shop()?.labels, shop()?.annotations]).toEqual([labels, {}]);
    expect(scene.elapsed()).toBeGreaterThanOrEqual(60_000);
  });

  it('ends well when somebody confirms it', async () => {
    at(30_000, () => setAnnotations({}));
    expect(await run()).toMatchObject({ outcome: 'done', messages: [expect.stringContaining('its wall stays')] });
    expect(shop()?.labels).toEqual(marked);
  });

  it('goes on as long as somebody prolongs it', async () => {
    at(30_000, () => setAnnotations({ [trialAnnotation]: '2026-03-01T12:02:00Z' }));
    expect(await run()).toMatchObject({ outcome: 'ended' });
    expect(scene.elapsed()).toBeGreaterThanOrEqual(120_000);
    expect(scene.lines.filter((line) => line.includes('is on trial until'))).toHaveLength(2);
  });

  it('removes nothing where it is confirmed at the last moment', async () => {
    scene.api.world.before = (call) => {
      // The end is read, and the mark is about to go.
      if (now() < Date.parse(until) || call !== 'PATCH namespaces/shop') return;
      scene.api.world.before = () => undefined;
      setAnnotations({});
    };
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      messages: ['somebody has confirmed or prolonged the trial of namespace shop'],
    });
    expect(shop()?.labels).toEqual(marked);
    expect(scene.api.at(paths.policy('shop', wall))).toBeDefined();
  });

  it('says what stays where the person may not remove it, when Ringfence has opened the wall', async () => {
    scene.api.world.before = (call) => {
      if (now() >= Date.parse(until) && call === 'PATCH namespaces/shop')
        throw refusal(403, 'Forbidden', 'you may not');
    };
    const { outcome, messages } = await run();
    expect(outcome).toBe('ended');
    expect(messages).toEqual([
      `the trial of namespace shop ended at ${until}, and its wall is open. To fence it again: ringfence fence shop`,
      'The mark and the opened policies stay, because you may not remove them: you may not',
    ]);
  });

  it('takes itself back at once from a release that knows no trials', async () => {
    scene.meanwhile.sleep = () => {
      if (shop()?.labels?.[fenceMark] !== undefined) makeBaseline(scene.api, 'shop');
    };
    const { outcome, messages } = await run();
    expect(outcome).toBe('failed');
    expect(messages[0]).toContain(`deny-all-baseline (does not say that the trial ends at ${until})`);
    expect(shop()?.labels).toEqual(labels);
  });

  it('is refused where it would open what was there before', async () => {
    scene.api.put(paths.policy('shop', wall), { spec: openSpec });
    expect((await run({ trial, dryRun: true })).outcome).toBe('done');
    makeBaseline(scene.api, 'shop');
    expect(await run()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('shop has deny-all')] });
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    expect(await run()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('fenced already')] });
    expect(scene.api.writes()).toEqual(['PATCH namespaces/shop']);
  });

  it('returns at once with --no-watch, and a fence without a trial does not confirm it by the way', async () => {
    expect(await run({ trial: { ...trial, isFollowed: false } })).toMatchObject({
      outcome: 'done',
      messages: [`namespace shop is fenced until ${until}. To keep its wall: ringfence fence shop --confirm`],
    });
    expect(await run({})).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('--confirm')] });
  });

  it('tells which Pods are not ready any more, and of new warnings', async () => {
    const put = (name: string, status: string) =>
      scene.api.put(`/api/v1/namespaces/shop/pods/${name}`, {
        metadata: { uid: name },
        status: { conditions: [{ type: 'Ready', status, message: 'containers with unready status: [web]' }] },
      });
    const warn = (name: string, count: number) =>
      scene.api.put(`/api/v1/namespaces/shop/events/${name}`, {
        metadata: { uid: name },
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed',
        count,
        involvedObject: { kind: 'Pod', name: 'web-1' },
      });
    put('web-1', 'True');
    put('web-2', 'False');
    warn('old', 3);
    at(10_000, () => {
      put('web-1', 'False');
      put('web-2', 'True');
      warn('new', 1);
    });
    const { messages } = await run();
    expect(scene.lines.filter((line) => /^(Pod|Event)/.test(line))).toEqual([
      'Pod shop/web-1 is not ready any more: containers with unready status: [web]',
      'Event of Pod web-1: Unhealthy Readiness probe failed',
    ]);
    expect(messages.at(-1)).toBe('Pods that became unready during the trial: web-1');
  });
});

describe('fence --confirm', () => {
  it('removes the end, and waits until the wall names none', async () => {
    await run({ trial: { ...trial, isFollowed: false } });
    expect(await confirm()).toMatchObject({ outcome: 'done', steps: [{ action: 'confirm', name: 'shop' }] });
    expect(shop()?.annotations).toEqual({});
    expect(scene.api.at(paths.policy('shop', wall))?.metadata.annotations).not.toHaveProperty([trialAnnotation]);
    expect(await confirm()).toMatchObject({ outcome: 'unchanged' });
  });

  it('says what was found and what to do where Ringfence does not write it to the wall', async () => {
    await run({ trial: { ...trial, isFollowed: false } });
    scene.meanwhile.sleep = () => undefined;
    const still = `still says that a trial ends at ${until}`;
    expect(await confirm()).toMatchObject({
      outcome: 'failed',
      messages: [
        [
          `the trial of namespace shop is confirmed and its wall stays, but after 30 s Ringfence has not written that to its baseline: deny-all-baseline (${still}), allow-dns-egress (${still})`,
          'See that Ringfence runs (kubectl get pods --namespace ringfence-system), and then wait for it again: ringfence fence shop --confirm',
        ].join('\n'),
      ],
    });
    const { outcome, messages } = await confirm();
    expect([outcome, messages]).toEqual(['failed', [expect.stringContaining(still)]]);
    at(Number.POSITIVE_INFINITY, () => undefined);
    expect(await confirm()).toMatchObject({ outcome: 'unchanged' });
  });

  it('comes too late after the end, and has no meaning without a fence', async () => {
    expect(await confirm()).toMatchObject({
      outcome: 'refused',
      messages: ['namespace shop is not fenced; there is no trial to confirm'],
    });
    await run({ trial: { ...trial, isFollowed: false } });
    await scene.ports.clock.sleep(60_000);
    expect(await confirm()).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining('To fence it again')],
    });
  });

  it('fences for good after a trial, where the namespace is fenced again', async () => {
    await run({ trial: { ...trial, isFollowed: false } });
    await scene.ports.clock.sleep(60_000);
    expect(await run({})).toMatchObject({ outcome: 'done' });
    expect(shop()?.annotations).toEqual({});
  });
});

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['168h', 604_800_000],
  ])('may be %s', (text, ms) => expect(readDuration(text)).toBe(ms));

  it.each(['', '15', '15 m', '0s', '169h', '1d', '-1m', '1.5h'])('may not be "%s"', (text) => {
    expect(() => readDuration(text)).toThrow('such as 15m');
  });
});
