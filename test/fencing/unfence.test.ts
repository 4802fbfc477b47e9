import { beforeEach, describe, expect, it } from 'vitest';
import { unfence } from '../../src/fencing/unfence.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import {
  dns,
  type FencingScene,
  labels,
  makeBaseline,
  managedBy,
  marked,
  openScene,
  putPolicy,
  wall,
} from './scene.ts';

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

describe('unfence', () => {
  it('takes away the mark, then the wall, then the DNS rule, each as it was read', async () => {
    const stored = scene.api.at(paths.policy('shop', wall))?.metadata;
    expect(await run()).toEqual({
      command: 'unfence',
      namespace: 'shop',
      outcome: 'done',
      dryRun: false,
      steps: [
        { action: 'unmark', kind: 'Namespace', name: 'shop', detail: fenceMark },
        {
          action: 'delete',
          kind: 'NetworkPolicy',
          namespace: 'shop',
          name: wall,
          detail: 'nothing in, nothing out, for every Pod',
        },
        { action: 'delete', kind: 'NetworkPolicy', namespace: 'shop', name: dns, detail: 'egress to DNS' },
      ],
      messages: ['namespace shop is no longer fenced. To fence it again: ringfence fence shop'],
    });
    expect(scene.api.writes()).toEqual([unmarking, deleting(wall), deleting(dns)]);
    expect(scene.api.bodyOf(deleting(wall))).toMatchObject({
      preconditions: { uid: stored?.uid, resourceVersion: stored?.resourceVersion },
    });
    expect([mark(), policies()]).toEqual([undefined, []]);
  });

  it('says what it will do, and does nothing without a yes', async () => {
    scene.person.says = false;
    expect(await run()).toMatchObject({ outcome: 'refused', steps: [], messages: ['nothing was changed'] });
    expect(scene.intents[0]?.steps.map(({ action, name }) => `${action} ${name}`)).toEqual([
      'unmark shop',
      `delete ${wall}`,
      `delete ${dns}`,
    ]);
    expect(scene.api.writes()).toEqual([]);
  });

  it('deletes again what a reconciliation under way put back, before DNS is touched', async () => {
    let returns = 1;
    scene.meanwhile.sleep = () => {
      if (returns === 0 || policies().includes(wall)) return;
      returns -= 1;
      putPolicy(scene.api, 'shop', wall, ['ringfence']);
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(scene.api.writes()).toEqual([unmarking, deleting(wall), deleting(wall), deleting(dns)]);
  });

  it('watches for two seconds that the wall stays away before DNS goes', async () => {
    const at: Record<string, number> = {};
    scene.api.world.before = (call) => {
      at[call] = scene.elapsed();
    };
    await run();
    expect((at[deleting(dns)] ?? 0) - (at[deleting(wall)] ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  it('goes on where it was interrupted, at every step', async () => {
    for (const cut of [unmarking, deleting(wall), deleting(dns)]) {
      scene = openScene();
      scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
      makeBaseline(scene.api, 'shop');
      scene.api.world.before = (call) => {
        if (call === cut) throw new TypeError('the machine was switched off');
      };
      await expect(run(), cut).rejects.toThrow('switched off');
      scene.api.world.before = () => undefined;
      expect(await run(), cut).toMatchObject({ outcome: 'done' });
      expect([mark(), policies()], cut).toEqual([undefined, []]);
    }
  });

  it('does nothing where nothing of ours is there', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels } });
    for (const name of [wall, dns])
      scene.api.put(paths.policy('shop', name), {
        spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
        metadata: { managedFields: managedBy('argocd-controller') },
      });
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      steps: [
        { action: 'leave', name: wall, detail: 'argocd-controller manages its specification' },
        { action: 'leave', name: dns },
      ],
      messages: ['namespace shop is not fenced; there is nothing to remove'],
    });
    expect([scene.intents, scene.api.writes()]).toEqual([[], []]);
  });

  it.each<[string, readonly string[]]>([
    ['others manage it', ['argocd-controller']],
    ['others manage it too', ['argocd-controller', 'ringfence']],
    ['nobody is known to', []],
  ])('never calls a namespace open while the wall stands, though the mark is gone: %s', async (_, managers) => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels } });
    for (const name of [wall, dns]) putPolicy(scene.api, 'shop', name, managers);
    const { outcome, messages } = await run();
    expect(outcome).toBe('failed');
    expect(messages.join('\n')).toContain(`NetworkPolicy shop/${wall}: `);
    expect(messages.at(-1)).toBe(
      `Remove them from what is applied there, then: kubectl delete networkpolicy ${wall} ${dns} --namespace shop`,
    );
    expect(await run({ keepBaseline: true })).toMatchObject({
      outcome: 'unchanged',
      messages: ['namespace shop carries no mark; there is nothing to remove'],
    });
  });

  it('nor while the DNS rule that Ringfence wrote stands alone', async () => {
    scene.api.put(paths.policy('shop', wall), { spec: {}, metadata: { managedFields: managedBy('alice') } });
    putPolicy(scene.api, 'shop', dns, ['flux', 'ringfence']);
    expect(await run()).toMatchObject({
      outcome: 'failed',
      steps: [{ action: 'unmark' }, { name: wall }, { name: dns }],
    });
  });

  it('takes only the mark where the baseline is to be kept', async () => {
    expect(await run({ keepBaseline: true })).toMatchObject({
      outcome: 'done',
      steps: [{ action: 'unmark' }, { action: 'leave', name: wall }, { action: 'leave', name: dns }],
      messages: [
        'namespace shop no longer carries the mark; its baseline still denies traffic. To fence it again: ringfence fence shop',
      ],
    });
    expect([scene.api.writes(), policies()]).toEqual([[unmarking], [dns, wall]]);
  });

  it('by a dry run has the mark judged and the rights asked, and stores nothing', async () => {
    expect(await run({ dryRun: true })).toMatchObject({
      outcome: 'done',
      dryRun: true,
      steps: [{ action: 'unmark' }, { action: 'delete', name: wall }, { action: 'delete', name: dns }],
    });
    expect([scene.api.writes(), mark(), scene.intents]).toEqual([[unmarking], 'true', []]);
  });
});

describe('unfence leaves what others manage', () => {
  it.each([
    [['ringfence', 'argocd-controller'], 'argocd-controller manages its specification'],
    [
      ['kubectl-client-side-apply', 'kustomize-controller'],
      'kubectl-client-side-apply, kustomize-controller manage its',
    ],
    [['nobody'], 'nobody manages its'],
  ])('%j', async (managers, reason) => {
    makeBaseline(scene.api, 'shop', ...managers);
    const { outcome, steps, messages } = await run();
    expect([outcome, steps.map(({ action }) => action)]).toEqual(['failed', ['unmark', 'leave', 'leave']]);
    expect(steps[1]?.detail).toContain(reason);
    expect(messages[0]).toContain(`namespace shop is still closed`);
    expect(messages[0]).toContain(`NetworkPolicy shop/${wall}: ${steps[1]?.detail}`);
    expect([scene.api.writes(), policies()]).toEqual([[unmarking], [dns, wall]]);
  });

  it('and the DNS rule too where it is the wall that stays: DNS is never cut behind it', async () => {
    putPolicy(scene.api, 'shop', wall, ['argocd-controller']);
    const { steps } = await run();
    expect(steps).toMatchObject([
      { action: 'unmark' },
      { action: 'leave', name: wall },
      { action: 'leave', name: dns, detail: `${wall} of shop still exists, and Pods behind it need DNS` },
    ]);
    expect(policies()).toEqual([dns, wall]);
  });

  it('also what they take over while it works', async () => {
    scene.meanwhile.sleep = () => putPolicy(scene.api, 'shop', wall, ['argocd-controller']);
    expect((await run()).steps).toMatchObject([
      { action: 'unmark' },
      { action: 'leave', name: wall },
      { action: 'leave', name: dns },
    ]);
  });

  it('and what nobody is known to manage', async () => {
    scene.api.put(paths.policy('shop', wall), { spec: {}, metadata: {} });
    const { steps, messages } = await run();
    expect(steps[1]).toMatchObject({ action: 'leave', detail: 'nobody is known to manage its specification' });
    // The DNS rule that Ringfence made stays behind it, and is named.
    expect(messages[0]).toContain(`NetworkPolicy shop/${dns}: `);
  });
});
