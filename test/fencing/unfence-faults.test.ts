import { beforeEach, describe, expect, it } from 'vitest';
import { unfence } from '../../src/fencing/unfence.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { dns, type FencingScene, makeBaseline, marked, openScene, putPolicy, wall } from './scene.ts';

let scene: FencingScene;
const options = { keepBaseline: false, dryRun: false, timeoutMs: 30_000 };
const run = (more: Partial<typeof options> = {}) => unfence('shop', { ...options, ...more }, scene.ports);
const mark = () => scene.api.at(paths.namespace('shop'))?.metadata.labels?.[fenceMark];
const policies = () =>
  scene.api
    .paths()
    .filter((path) => path.includes('/networkpolicies/'))
    .map((path) => path.split('/').at(-1));

const unmarking = 'PATCH namespaces/shop';
const deleting = (name: string) => `DELETE networkpolicies/shop/${name}`;

beforeEach(() => {
  scene = openScene();
  scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
  makeBaseline(scene.api, 'shop');
});

describe('unfence is refused', () => {
  it('by the webhook, in its words, with nothing changed', async () => {
    const words = 'denied the request: Namespace shop: …\nneeds the verb "lower"';
    scene.api.world.before = (call) => {
      if (call === unmarking) throw refusal(403, 'Forbidden', words);
    };
    expect(await run()).toMatchObject({ outcome: 'refused', steps: [], messages: [words] });
    expect(scene.elapsed()).toBe(0);
    expect(await run({ dryRun: true })).toMatchObject({ outcome: 'refused', steps: [], messages: [words] });
    expect([mark(), policies()]).toEqual(['true', [dns, wall]]);
  });

  it('by RBAC before it begins, with every right that is missing', async () => {
    scene.api.world.denied = ({ verb }) => verb === 'delete';
    expect(await run()).toMatchObject({
      outcome: 'refused',
      messages: [
        [
          'nothing was changed, because RBAC does not allow you to do all of it:',
          `  delete networkpolicies.networking.k8s.io "${wall}" in namespace shop`,
          `  delete networkpolicies.networking.k8s.io "${dns}" in namespace shop`,
        ].join('\n'),
      ],
    });
    expect(scene.api.writes()).toEqual([]);
    expect(await run({ keepBaseline: true })).toMatchObject({ outcome: 'done' });
  });

  it('where the namespace is being deleted', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(await run()).toMatchObject({ outcome: 'refused' });
  });
});

describe('unfence and faults', () => {
  it.each([
    ['a conflict', 409, 'Conflict'],
    ['too many requests', 429, 'TooManyRequests'],
    ['a webhook that does not answer', 500, 'InternalError'],
    ['no answer', 0, ''],
  ])('%s is tried again', async (_, code, reason) => {
    const left = new Map([unmarking, deleting(wall), deleting(dns)].map((call) => [call, 2]));
    scene.api.world.before = (call) => {
      const count = left.get(call) ?? 0;
      left.set(call, count - 1);
      if (count > 0) throw refusal(code, reason, 'not now');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect([mark(), policies()]).toEqual([undefined, []]);
  });

  it('gives up where nothing moves for the time that was given, and says what was done', async () => {
    scene.api.world.before = (call) => {
      if (call === deleting(wall)) throw refusal(503, 'ServiceUnavailable', 'not today');
    };
    expect(await run({ timeoutMs: 5_000 })).toMatchObject({
      outcome: 'failed',
      steps: [{ action: 'unmark' }],
      messages: ['not today', 'The listed steps are done. Run the same command again to continue.'],
    });
    expect(policies()).toEqual([dns, wall]);
  });

  it('takes a refusal of the moment after the mark for what it is: not everyone has heard of it', async () => {
    let refusals = 3;
    scene.api.world.before = (call) => {
      if (call === deleting(wall) && refusals-- > 0) throw refusal(422, 'Invalid', 'the backstop says no');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    makeBaseline(scene.api, 'shop');
    refusals = 1_000;
    const begun = scene.elapsed();
    expect(await run()).toMatchObject({ outcome: 'refused', steps: [{ action: 'unmark' }] });
    expect(scene.elapsed() - begun).toBeLessThan(5_000);
  });

  it('deletes nothing that changed since it was read', async () => {
    scene.api.world.before = (call) => {
      if (call === deleting(wall) && policies().includes(wall))
        putPolicy(scene.api, 'shop', wall, ['argocd-controller']);
    };
    expect((await run()).steps).toMatchObject([
      { action: 'unmark' },
      { action: 'leave', name: wall },
      { action: 'leave' },
    ]);
  });

  it('waits for an object whose deletion takes its time, DNS standing meanwhile', async () => {
    putPolicy(scene.api, 'shop', wall, ['ringfence']);
    const going = scene.api.at(paths.policy('shop', wall));
    scene.api.put(paths.policy('shop', wall), {
      ...going,
      metadata: { ...going?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    scene.meanwhile.sleep = (elapsed) => {
      if (elapsed > 3_000) scene.api.erase(paths.policy('shop', wall));
    };
    let cutAt = 0;
    scene.api.world.before = (call) => {
      if (call === deleting(dns)) cutAt = scene.elapsed();
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(cutAt).toBeGreaterThanOrEqual(5_000);
    expect(scene.api.writes()).toEqual([unmarking, deleting(dns)]);
    expect(scene.lines).toContain(`waiting for the deletion of NetworkPolicy shop/${wall}`);
  });

  it.each([
    [
      'the mark',
      unmarking,
      () => scene.api.put(paths.namespace('shop'), namespaceOfFlux()),
      'flux restores ringfence.dev/fence of Namespace shop',
    ],
    [
      'the wall',
      deleting(wall),
      () => putPolicy(scene.api, 'shop', wall, ['ringfence']),
      `ringfence restores NetworkPolicy shop/${wall}`,
    ],
  ])('ends where %s comes back again and again, and says who does it', async (_, call, comeBack, said) => {
    scene.meanwhile.sleep = () => void comeBack();
    const { outcome, messages } = await run();
    expect([outcome, messages[0]]).toEqual(['failed', expect.stringContaining(said)]);
    expect(scene.api.writes().filter((one) => one === call).length).toBeLessThan(10);
  });

  it('lets a namespace alone that came under the same name', async () => {
    scene.meanwhile.sleep = () => void scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    expect(await run()).toMatchObject({
      outcome: 'failed',
      messages: ['namespace shop has been deleted and created again in the meantime'],
    });
  });

  it('fails where there is no such namespace', async () => {
    scene.api.erase(paths.namespace('shop'));
    expect(await run()).toMatchObject({ outcome: 'failed', messages: ['there is no namespace shop'] });
  });

  function namespaceOfFlux() {
    const fieldsV1 = { 'f:metadata': { 'f:labels': { [`f:${fenceMark}`]: {} } } };
    const { metadata } = scene.api.at(paths.namespace('shop')) ?? {};
    return { metadata: { ...metadata, labels: marked, managedFields: [{ manager: 'flux', fieldsV1 }] } };
  }
});
