import { expect, it } from 'vitest';
import { watchPods } from '../../src/fencing/pod-watch.ts';
import { refusal } from '../api-server/object-store.ts';
import { openScene } from './scene.ts';

it('a watch says once that it cannot look, until it can again', async () => {
  const scene = openScene();
  const failing = new Set([2, 3, 5]);
  let look = 0;
  scene.api.world.before = (call) => {
    if (!call.includes('pods')) return;
    look += 1;
    if (failing.has(look)) throw refusal(500, 'InternalError', 'etcd is away');
  };
  const watch = await watchPods('shop', scene.ports);
  for (let again = 2; again <= 5; again += 1) await watch.look();
  const said = 'not seen for now: Pods of shop (etcd is away)';
  expect(scene.lines).toEqual([said, said]);
});

it('a watch does not tell Events from before it, also if it could not see them when it began', async () => {
  const scene = openScene();
  const warn = (uid: string) =>
    scene.api.put(`/api/v1/namespaces/shop/events/${uid}`, {
      metadata: { uid },
      type: 'Warning',
      reason: 'Unhealthy',
      message: uid,
      involvedObject: { kind: 'Pod', name: 'web-1' },
    });
  let looks = 0;
  scene.api.world.before = (call) => {
    if (!call.includes('events')) return;
    looks += 1;
    if (looks === 1) throw refusal(500, 'InternalError', 'etcd is away');
  };
  warn('old');
  const watch = await watchPods('shop', scene.ports);
  await watch.look();
  warn('new');
  await watch.look();
  const told = ['not seen for now: Events of shop (etcd is away)', 'Event of Pod web-1: Unhealthy new'];
  expect(scene.lines).toEqual(told);
});

const podPath = (name: string) => `/api/v1/namespaces/shop/pods/${name}`;

/** A watch of namespace shop, in which a test puts Pods. */
async function openWatch() {
  const scene = openScene();
  const put = (name: string, status: 'True' | 'False', metadata: object = {}) =>
    void scene.api.put(podPath(name), {
      metadata: { uid: name, ...metadata },
      status: { conditions: [{ type: 'Ready', status, message: 'its probe fails' }] },
    });
  return {
    scene,
    put,
    erase: (name: string) => scene.api.erase(podPath(name)),
    begin: async () => {
      const watch = await watchPods('shop', scene.ports);
      const lookAfter = async (seconds: number) => {
        await scene.ports.clock.sleep(seconds * 1000);
        await watch.look();
      };
      return { ...watch, lookAfter };
    },
  };
}

it('a watch names every Pod that became unready in the end, and how it is now', async () => {
  const { put, erase, begin } = await openWatch();
  for (const name of ['a', 'b', 'c', 'd']) put(name, 'True');
  put('e', 'False');
  const { lookAfter, fared } = await begin();
  for (const name of ['a', 'b', 'c']) put(name, 'False');
  await lookAfter(2);
  put('b', 'True');
  erase('c');
  await lookAfter(2);
  expect(fared()).toEqual(['Pods that became unready during the trial: a, b (ready now), c (gone)']);
});

it('a watch names new Pods that do not become ready, also under a name that was there before', async () => {
  const { scene, put, begin } = await openWatch();
  put('old', 'False');
  put('db-0', 'True');
  const { lookAfter, fared } = await begin();
  put('new-1', 'False');
  put('new-2', 'False');
  await lookAfter(2);
  put('new-2', 'True');
  // A StatefulSet replaces its Pod.
  put('db-0', 'False', { uid: 'another' });
  await lookAfter(2);
  expect([scene.lines, fared()]).toEqual([[], []]);
  await lookAfter(29);
  await lookAfter(2);
  expect(scene.lines).toEqual([
    'Pod shop/new-1 is new, and has not become ready in 30 s: its probe fails',
    'Pod shop/db-0 is new, and has not become ready in 30 s: its probe fails',
  ]);
  put('new-1', 'True');
  await lookAfter(2);
  expect(scene.lines.at(-1)).toBe('Pod shop/new-1 is ready');
  expect(fared()).toEqual(['New Pods that did not become ready in 30 s during the trial: db-0, new-1 (ready now)']);
});

it('a watch does not take the end of a Pod for a fault', async () => {
  const { scene, put, erase, begin } = await openWatch();
  put('a', 'True');
  const { lookAfter, fared } = await begin();
  put('a', 'False', { deletionTimestamp: '2026-03-01T12:00:30Z' });
  await lookAfter(2);
  erase('a');
  await lookAfter(60);
  expect([scene.lines, fared()]).toEqual([[], []]);
});
