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
