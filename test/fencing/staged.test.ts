import { beforeEach, describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { objects } from '../../src/cluster/objects.ts';
import { fence } from '../../src/fencing/fence.ts';
import { stage } from '../../src/fencing/staged.ts';
import { confirmTrial } from '../../src/fencing/trial.ts';
import { unfence } from '../../src/fencing/unfence.ts';
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
const wait = { timeoutMs: 30_000, ownNamespace: 'ringfence-system', dryRun: false };
const path = (name: string) => `/apis/projectcalico.org/v3/namespaces/shop/stagedkubernetesnetworkpolicies/${name}`;
const at = (name: string) => scene.api.at(path(name));
const web = {
  metadata: { name: 'allow-web-ingress', namespace: 'shop', labels },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{}] },
};

const run = (more: Partial<Parameters<typeof stage>[1]> = {}) =>
  stage(
    'shop',
    { planned: [], unlabelled: false, dryRun: false, ...more },
    { ...scene.ports, objects: objects(scene.api.cluster) },
    config,
  );

beforeEach(() => {
  scene = openScene();
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
});

describe('fence --stage', () => {
  it('puts the baseline and the planned policies beside the traffic, field for field, and marks nothing', async () => {
    expect(await run({ planned: [web] })).toMatchObject({
      outcome: 'done',
      steps: [wall, dns, 'allow-web-ingress'].map((name) => ({
        action: 'stage',
        kind: 'StagedKubernetesNetworkPolicy',
        name,
      })),
      messages: [expect.stringContaining('ringfence plan shop --observed FILE')],
    });
    expect(at(wall)).toMatchObject({
      apiVersion: 'projectcalico.org/v3',
      kind: 'StagedKubernetesNetworkPolicy',
      metadata: { namespace: 'shop', labels },
      spec: { stagedAction: 'Set', ...denyAllSpec },
    });
    expect(at('allow-web-ingress')?.['spec']).toEqual({ stagedAction: 'Set', ...web.spec });
    expect(scene.api.at(paths.namespace('shop'))?.metadata.labels).toEqual(labels);
    expect(scene.intents[0]?.cautions).toEqual([
      'Nothing is enforced: the data plane only records what these policies would deny.',
    ]);
  });

  it('writes only what differs, and removes what is no longer planned', async () => {
    await run({ planned: [web] });
    scene.api.calls.length = 0;
    expect(await run({ planned: [web] })).toMatchObject({ outcome: 'unchanged' });
    expect(scene.api.writes()).toEqual([]);
    // Another action than Set would remove a policy.
    scene.api.put(path(wall), { ...at(wall), spec: { stagedAction: 'Delete', ...denyAllSpec } });
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(scene.api.writes()).toEqual([
      `PUT stagedkubernetesnetworkpolicies/shop/${wall}`,
      'DELETE stagedkubernetesnetworkpolicies/shop/allow-web-ingress',
    ]);
    expect(at(wall)?.['spec']).toEqual({ stagedAction: 'Set', ...denyAllSpec });
  });

  it('by a dry run stores nothing', async () => {
    expect(await run({ planned: [web], dryRun: true })).toMatchObject({ outcome: 'done', dryRun: true });
    expect([at(wall), at('allow-web-ingress')]).toEqual([undefined, undefined]);
  });

  it('is refused where it has no meaning, and where somebody else has staged such a name', async () => {
    scene.api.put(path(wall), { spec: denyAllSpec });
    expect(await run()).toMatchObject({
      outcome: 'refused',
      messages: [`nothing was changed: somebody else has staged ${wall} there`],
    });
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    expect(await run()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('fenced already')] });
    scene.api.put(paths.namespace('shop'), { metadata: { labels: {} } });
    expect(await run()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('lacks labels')] });
    expect(scene.api.writes()).toEqual([]);
  });

  it('says what is missing where Calico does not serve staged policies', async () => {
    scene.api.world.unserved = ['stagedkubernetesnetworkpolicies'];
    expect(await run()).toMatchObject({ outcome: 'failed', messages: [expect.stringContaining("which is Calico's")] });
  });
});

describe('what is staged', () => {
  const real = (acceptCuts = false) =>
    fence('shop', { ...wait, unlabelled: false, replace: false, acceptCuts }, scene.ports, config);
  const only = (why: string) =>
    `a planned policy is only staged, and what it allows is not allowed yet:\n  allow-web-ingress: ${why}`;

  it.each([
    ['there is no such NetworkPolicy', undefined],
    ['the NetworkPolicy of this name is another one', { ...web, spec: { ...web.spec, ingress: [] } }],
  ])('keeps a fence off while a planned policy is not real: %s', async (why, applied) => {
    await run({ planned: [web] });
    if (applied !== undefined) scene.api.put(paths.policy('shop', 'allow-web-ingress'), applied);
    scene.api.calls.length = 0;
    expect(await real()).toMatchObject({
      outcome: 'refused',
      messages: [
        `nothing was changed: ${only(why)}\nApply it first, from the folder of ringfence plan --write: kubectl apply -f FOLDER/shop. To fence all the same: --accept-cuts`,
      ],
    });
    expect(scene.api.writes()).toEqual([]);
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    expect(await real(true)).toMatchObject({ outcome: 'done' });
    expect(scene.intents.at(-1)?.cautions).toContain(only(why));
    // The baseline is real now; what is not stays staged.
    expect([at(wall), at(dns)]).toEqual([undefined, undefined]);
    expect(at('allow-web-ingress')).toBeDefined();
  });

  it('goes where it has become real, with the wall or by somebody’s apply', async () => {
    await run({ planned: [web] });
    scene.api.put(paths.policy('shop', 'allow-web-ingress'), web);
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    expect(await real()).toMatchObject({ outcome: 'done' });
    expect([at(wall), at(dns), at('allow-web-ingress')]).toEqual([undefined, undefined, undefined]);
  });

  it('goes when a trial is confirmed, and not before', async () => {
    await run({ planned: [] });
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    const annotations = { 'ringfence.dev/trial-until': '2026-03-01T12:15:00Z' };
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked, annotations } });
    expect(at(wall)).toBeDefined();
    const { outcome } = await confirmTrial('shop', wait, scene.ports, config);
    expect([outcome, at(wall), at(dns)]).toEqual(['done', undefined, undefined]);
  });

  it('stays where the person may not remove it', async () => {
    await run({ planned: [web] });
    scene.api.put(paths.policy('shop', 'allow-web-ingress'), web);
    scene.api.world.before = (call) => {
      if (call.startsWith('DELETE staged')) throw refusal(403, 'Forbidden', 'you may not');
    };
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    expect(await real()).toMatchObject({ outcome: 'done' });
    expect(scene.lines.at(-1)).toBe('what is staged stays, and decides nothing: you may not');
    expect(at('allow-web-ingress')).toBeDefined();
  });

  it('is called unknown where the person may not list it', async () => {
    await run({ planned: [web] });
    scene.api.world.before = (call) => {
      if (call.startsWith('GET staged') || call.startsWith('LIST staged'))
        throw refusal(403, 'Forbidden', 'you may not');
    };
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    expect(await real()).toMatchObject({ outcome: 'done' });
    expect(scene.lines).toContain('whether something is staged in namespace shop is not known: you may not');
  });

  it('is removed by unfence, without a word about open Pods, and nothing of others is', async () => {
    await run({ planned: [web] });
    scene.api.put(path('theirs'), { spec: denyAllSpec });
    const report = await unfence('shop', { ...wait, keepBaseline: false }, scene.ports);
    expect(report).toMatchObject({
      outcome: 'done',
      messages: [
        'namespace shop is not fenced, and nothing is staged any more. To fence it again: ringfence fence shop',
      ],
    });
    expect(scene.intents.at(-1)?.cautions).toEqual([
      'What is staged decides nothing; after this, nobody records what it would deny.',
    ]);
    expect([at(wall), at(dns), at('allow-web-ingress')]).toEqual([undefined, undefined, undefined]);
    expect(at('theirs')).toBeDefined();
    expect(scene.api.at(paths.namespace('shop'))?.metadata.labels).not.toHaveProperty([fenceMark]);
  });
});
