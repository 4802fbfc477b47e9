import { beforeEach, describe, expect, it } from 'vitest';
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
const at = (name: string) =>
  scene.api.at(`/apis/projectcalico.org/v3/namespaces/shop/stagedkubernetesnetworkpolicies/${name}`);
const web = {
  metadata: { name: 'allow-web-ingress', namespace: 'shop', labels },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{}] },
};

const run = (planned: readonly (typeof web)[] = []) =>
  stage(
    'shop',
    { planned, unlabelled: false, dryRun: false },
    { ...scene.ports, objects: objects(scene.api.cluster) },
    config,
  );
const real = () =>
  fence('shop', { ...wait, unlabelled: false, replace: false, acceptCuts: false }, scene.ports, config);
const onTrial = () => {
  const annotations = { 'ringfence.dev/trial-until': '2026-03-01T12:15:00Z' };
  scene.api.put(paths.namespace('shop'), { metadata: { labels: marked, annotations } });
};

beforeEach(() => {
  scene = openScene();
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
});

describe.each([
  ['the person may not', 403, 'Forbidden', 'you may not'],
  ['the server of the API group is down', 503, 'ServiceUnavailable', 'the server is currently unable'],
  ['it does not answer', 0, '', 'no answer'],
  ['somebody changes it at the same time', 409, 'Conflict', 'it has been modified'],
])('what is staged does not fail, where %s,', (_, code, reason, words) => {
  const fail = (verb: string) => {
    scene.api.world.before = (call) => {
      if (call.startsWith(`${verb} staged`)) throw refusal(code, reason, words);
    };
  };
  const unknown = [
    `whether something is staged in namespace shop is not known: ${words}`,
    'If so, it stays, and decides nothing. To see it, where Calico serves it: kubectl get stagedkubernetesnetworkpolicies.projectcalico.org --namespace shop -l app.kubernetes.io/managed-by=ringfence',
  ].join('\n');
  const stays = (...names: readonly string[]) =>
    [
      `what is staged stays, and decides nothing: ${words}`,
      `To remove it: kubectl delete stagedkubernetesnetworkpolicies.projectcalico.org ${names.join(' ')} --namespace shop`,
    ].join('\n');
  const unfencing = (more: object = {}) => unfence('shop', { ...wait, keepBaseline: false, ...more }, scene.ports);

  beforeEach(async () => {
    await run();
    scene.meanwhile.sleep = () => {
      if (scene.api.at(paths.namespace('shop'))?.metadata.labels?.[fenceMark] !== undefined)
        makeBaseline(scene.api, 'shop');
    };
  });

  it('fence, which says so before it asks', async () => {
    fail('LIST');
    expect(await real()).toMatchObject({ outcome: 'done', messages: [expect.stringContaining('is fenced'), unknown] });
    expect(scene.intents.at(-1)?.cautions).toContain(unknown);
    expect(scene.lines).toContain(unknown.split('\n')[0]);
  });

  it('fence, where it can be read and not removed', async () => {
    fail('DELETE');
    const { outcome, messages } = await real();
    expect([outcome, messages.at(-1)]).toEqual(['done', stays(wall, dns)]);
  });

  it('the confirmation of a trial', async () => {
    onTrial();
    fail('LIST');
    expect(await confirmTrial('shop', wait, scene.ports, config)).toMatchObject({
      outcome: 'done',
      messages: [expect.stringContaining('its wall stays'), unknown],
    });
    onTrial();
    fail('DELETE');
    const { outcome, messages } = await confirmTrial('shop', wait, scene.ports, config);
    expect([outcome, messages.at(-1)]).toEqual(['done', stays(wall, dns)]);
  });

  it('unfence, also as a dry run', async () => {
    makeBaseline(scene.api, 'shop');
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    fail('LIST');
    expect((await unfencing({ dryRun: true })).messages).toContain(unknown);
    expect(await unfencing()).toMatchObject({
      outcome: 'done',
      messages: [expect.stringContaining('no longer fenced'), unknown],
    });
    expect(scene.api.at(paths.policy('shop', wall))).toBeUndefined();
    expect(await unfencing()).toMatchObject({
      outcome: 'unchanged',
      messages: ['namespace shop is not fenced', unknown],
    });
  });

  it('unfence, which has deleted some of it, and fails only where there is nothing else to do', async () => {
    makeBaseline(scene.api, 'shop');
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    let count = 0;
    scene.api.world.before = (call) => {
      if (!call.startsWith('DELETE staged')) return;
      count += 1;
      if (count > 1) throw refusal(code, reason, words);
    };
    const first = await unfencing();
    expect(first).toMatchObject({ outcome: 'done', messages: [expect.any(String), stays(dns)] });
    expect(first.steps.filter(({ kind }) => kind.startsWith('Staged'))).toMatchObject([
      { action: 'delete', name: wall },
    ]);
    expect([at(wall), at(dns)]).toEqual([undefined, expect.anything()]);
    expect(await unfencing()).toMatchObject({
      outcome: 'failed',
      messages: ['namespace shop is not fenced', stays(dns)],
    });
  });

  it('but fence --stage, whose purpose it is', async () => {
    fail('LIST');
    expect((await run([web])).outcome).toBe(code === 403 ? 'refused' : 'failed');
  });
});

it('what is staged does not fail a confirmation where NetworkPolicies cannot be listed, and holds a fence back', async () => {
  await run([web]);
  scene.api.world.before = (call) => {
    if (call.startsWith('LIST networkpolicies')) throw refusal(503, 'ServiceUnavailable', 'not now');
  };
  const why = 'allow-web-ingress: whether there is such a NetworkPolicy is not known: not now';
  expect(await real()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining(why)] });
  scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
  onTrial();
  const { outcome, messages } = await confirmTrial('shop', wait, scene.ports, config);
  expect([outcome, messages.at(-1)]).toEqual(['done', `these stay staged:\n  ${why}`]);
  expect([at(wall), at(dns), at('allow-web-ingress')]).toEqual([undefined, undefined, expect.anything()]);
});

it('what is staged does not hold up an unfence by somebody who may not delete it', async () => {
  await run();
  makeBaseline(scene.api, 'shop');
  scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
  scene.api.world.denied = ({ verb, resource }) => verb === 'delete' && resource?.startsWith('staged') === true;
  scene.api.world.before = (call) => {
    if (call.startsWith('DELETE staged')) throw refusal(403, 'Forbidden', 'you may not');
  };
  const { outcome, messages } = await unfence('shop', { ...wait, keepBaseline: false }, scene.ports);
  expect([outcome, messages.at(-1)]).toEqual(['done', expect.stringContaining('what is staged stays')]);
  expect(scene.api.at(paths.policy('shop', wall))).toBeUndefined();
  const again = await unfence('shop', { ...wait, keepBaseline: false }, scene.ports);
  expect([again.outcome, again.messages[0]]).toEqual(['refused', expect.stringContaining('nothing was changed')]);
});
