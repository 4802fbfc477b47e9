import { beforeEach, describe, expect, it } from 'vitest';
import { fence } from '../../src/fencing/fence.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import {
  config,
  dns,
  type FencingScene,
  installRingfence,
  labels,
  makeBaseline,
  marked,
  openScene,
  wall,
} from './scene.ts';

let scene: FencingScene;
const options = {
  unlabelled: false,
  replace: false,
  acceptCuts: false,
  dryRun: false,
  timeoutMs: 30_000,
  ownNamespace: 'ringfence-system',
};
const run = (more: Partial<typeof options> = {}, name = 'shop') =>
  fence(name, { ...options, ...more }, scene.ports, config);
const mark = () => scene.api.at(paths.namespace('shop'))?.metadata.labels?.[fenceMark];

/** The reconciler: makes the baseline some milliseconds after the mark is there. */
function reconcileAfter(ms: number): void {
  let since: number | undefined;
  scene.meanwhile.sleep = (elapsed) => {
    if (mark() !== undefined) since ??= elapsed;
    if (since !== undefined && elapsed - since >= ms) makeBaseline(scene.api, 'shop');
  };
}

beforeEach(() => {
  scene = openScene();
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
});

describe('fence refuses', () => {
  it.each([
    ['kube-node-lease', 'belongs to Kubernetes (kube-system, kube-public, kube-node-lease)'],
    ['kube-system', 'belongs to Kubernetes'],
    ['ringfence-system', 'is exempt: Ringfence runs in it'],
  ])('%s, and says why', async (name, reason) => {
    if (name !== 'ringfence-system') scene.api.put(paths.namespace(name), { metadata: { labels } });
    const { outcome, messages } = await run({ unlabelled: true }, name);
    expect([outcome, messages.join()]).toEqual(['refused', expect.stringContaining(`namespace ${name} ${reason}`)]);
    expect(scene.api.writes()).toEqual([]);
  });

  it('a namespace without its labels, or with others than the vocabulary has; --unlabelled takes it as it is', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels: { env: 'prd', team: 'shop' } } });
    expect(await run()).toMatchObject({
      outcome: 'refused',
      messages: [
        [
          'namespace shop lacks labels that its baseline and its Pods need:',
          '  env   "prd" is not one of prod, staging, dev; did you mean "prod"?',
          '  tier  missing; one of web, api, data, cache',
          'Set it (kubectl label namespace shop env=… tier=…), or fence the namespace without them: ringfence fence shop --unlabelled',
        ].join('\n'),
      ],
    });
    expect(await run({ unlabelled: true, timeoutMs: 0 })).toMatchObject({ steps: [{ action: 'mark' }] });
  });

  it('a namespace that is being deleted', async () => {
    scene.api.world.endingReads = 9;
    scene.api.put(paths.namespace('shop'), { metadata: { labels, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(await run()).toMatchObject({ outcome: 'refused', messages: ['namespace shop is being deleted'] });
  });

  it("with the webhook's words, whole", async () => {
    const words = 'admission webhook "namespaces.ringfence.dev" denied the request: Namespace shop: no\n  rules: [{…}]';
    refuseThePatch(words);
    expect(await run()).toMatchObject({ outcome: 'refused', steps: [], messages: [words] });
  });

  it.each([
    ['GET of the baseline', `GET networkpolicies/shop/${wall}`],
    ['GET of the namespace', 'GET namespaces/shop'],
  ])('where RBAC forbids the %s', async (_, forbidden) => {
    scene.api.world.before = (call) => {
      if (call === forbidden) throw refusal(403, 'Forbidden', 'User "dev" cannot get it');
    };
    expect(await run()).toMatchObject({ outcome: 'refused', messages: ['User "dev" cannot get it'] });
    expect(scene.api.writes()).toEqual([]);
  });
});

describe('fence fails', () => {
  it('where there is no such namespace', async () => {
    expect(await run({}, 'shopp')).toMatchObject({ outcome: 'failed', messages: ['there is no namespace shopp'] });
  });

  it('before it changes anything where Ringfence is not there', async () => {
    scene.api.erase(paths.webhooks('mutating'));
    expect(await run()).toMatchObject({
      outcome: 'failed',
      messages: [expect.stringContaining('Ringfence is not running here')],
    });
    expect([scene.api.writes(), scene.intents]).toEqual([[], []]);
  });

  it('for no person who may not read webhook configurations: the wait tells', async () => {
    reconcileAfter(0);
    scene.api.world.before = (call) => {
      if (call.includes('webhookconfigurations')) throw refusal(403, 'Forbidden', 'cannot get');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
  });

  it('where nobody makes the baseline in time, and says how to go on and how to go back', async () => {
    const { outcome, steps, messages } = await run({ timeoutMs: 2_000 });
    expect([outcome, steps.map(({ action }) => action)]).toEqual(['failed', ['mark']]);
    expect(messages[0]).toBe(
      [
        `namespace shop carries the mark, but after 2 s its baseline is not correct: ${wall} (missing), ${dns} (missing)`,
        'Is Ringfence running? kubectl get pods --namespace ringfence-system',
        'When it runs, it makes the baseline. To remove the mark instead: ringfence unfence shop',
      ].join('\n'),
    );
  });

  it('not for a moment without an answer', async () => {
    reconcileAfter(400);
    let failures = 3;
    scene.api.world.before = (call) => {
      if (mark() === undefined || !call.startsWith('GET networkpolicies') || failures === 0) return;
      failures -= 1;
      throw refusal(failures === 2 ? 503 : 429, 'ServiceUnavailable', 'try later');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(scene.lines).toContain('waiting for try later');
  });

  it.each([
    [
      'the mark is taken off again',
      () => scene.api.put(paths.namespace('shop'), { metadata: { ...meta(), labels } }),
      'removed the mark',
    ],
    [
      'the namespace is created again',
      () => scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } }),
      'created again',
    ],
    ['the namespace is deleted', () => scene.api.erase(paths.namespace('shop')), 'there is no namespace shop'],
  ])('at once where %s', async (_, happens, said) => {
    scene.meanwhile.sleep = () => void happens();
    const { outcome, messages } = await run();
    expect([outcome, messages[0]]).toEqual(['failed', expect.stringContaining(said)]);
    expect(scene.elapsed()).toBeLessThan(1_000);
  });

  const meta = () => scene.api.at(paths.namespace('shop'))?.metadata;
});

function refuseThePatch(words: string): void {
  scene.api.world.before = (call) => {
    if (call === 'PATCH namespaces/shop') throw refusal(403, 'Forbidden', words);
  };
}
