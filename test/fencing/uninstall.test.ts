import { beforeEach, describe, expect, it } from 'vitest';
import { uninstall } from '../../src/fencing/uninstall.ts';
import { paths } from '../api-server/address.ts';
import { dns, type FencingScene, installRingfence, labels, makeBaseline, marked, openScene, wall } from './scene.ts';

let scene: FencingScene;
const options = { ownNamespace: 'ringfence-system', removeBaselines: false, dryRun: false, timeoutMs: 60_000 };
const run = (more: Partial<typeof options> = {}) => uninstall({ ...options, ...more }, scene.ports);

const gate = [
  'DELETE clusterrolebindings/ringfence-webhooks',
  'DELETE validatingwebhookconfigurations/ringfence',
  'DELETE mutatingwebhookconfigurations/ringfence',
  'DELETE validatingadmissionpolicybindings/own-webhooks.ringfence.dev',
  'DELETE validatingadmissionpolicies/own-webhooks.ringfence.dev',
];
const home = ['DELETE namespaces/ringfence-system'];
const roles = [
  'DELETE clusterrolebindings/ringfence',
  'DELETE clusterroles/ringfence',
  'DELETE clusterroles/ringfence-webhooks',
];

/** What of a cluster says Ringfence's name. */
const remains = () =>
  scene.api.paths().filter((path) => {
    const { labels, annotations } = scene.api.at(path)?.metadata ?? {};
    return /ringfence/.test(path + JSON.stringify({ labels, annotations }));
  });
const policies = () => scene.api.paths().filter((path) => path.includes('/networkpolicies/'));

beforeEach(() => {
  scene = openScene({ pageSize: 2 });
  installRingfence(scene.api);
  scene.api.put(paths.namespace('bank'), { metadata: { labels: { ...labels, 'ringfence.dev/mode': 'warn' } } });
  scene.api.put(paths.namespace('free'), { metadata: { labels } });
  for (const name of ['shop', 'till']) {
    scene.api.put(paths.namespace(name), { metadata: { labels: { ...marked, 'ringfence.dev/mode': 'enforce' } } });
    makeBaseline(scene.api, name);
  }
});

describe('uninstall', () => {
  it('takes the gate away first, then marks and modes, then itself, and leaves the walls standing', async () => {
    const { outcome, messages, steps } = await run();
    expect([outcome, messages]).toEqual([
      'done',
      [
        'Ringfence is uninstalled',
        '4 NetworkPolicies of baselines stay; to delete those that only Ringfence made: ringfence uninstall --remove-baselines',
        'Identity labels stay: they are yours.',
      ],
    ]);
    expect(scene.api.writes()).toEqual([
      ...gate,
      ...['bank', 'shop', 'till'].map((name) => `PATCH namespaces/${name}`),
      ...[wall, dns].flatMap((name) => ['shop', 'till'].map((one) => `PATCH networkpolicies/${one}/${name}`)),
      ...home,
      ...roles,
    ]);
    expect(remains()).toEqual([]);
    expect(policies()).toHaveLength(4);
    expect(steps.filter(({ kind }) => kind === 'NetworkPolicy').map(({ action }) => action)).toEqual(
      policies().map(() => 'release'),
    );
    expect(scene.api.at(paths.namespace('shop'))?.metadata.labels).toEqual(labels);
    expect(scene.api.at(paths.policy('shop', wall))?.metadata.labels).toEqual(labels);
    expect(
      steps.filter(({ kind }) => kind === 'Namespace').map(({ action, name, detail }) => [action, name, detail]),
    ).toEqual([
      ['unmark', 'bank', 'ringfence.dev/mode'],
      ['unmark', 'shop', 'ringfence.dev/fence, ringfence.dev/mode'],
      ['unmark', 'till', 'ringfence.dev/fence, ringfence.dev/mode'],
      ['delete', 'ringfence-system', 'with everything in it'],
    ]);
  });

  it('takes the baselines too where that is asked: all walls before any DNS rule, and what others manage stays', async () => {
    scene.api.put(paths.namespace('git'), { metadata: { labels: marked } });
    makeBaseline(scene.api, 'git', 'ringfence', 'argocd-controller');
    const { outcome, steps } = await run({ removeBaselines: true });
    expect(outcome).toBe('done');
    const deleted = scene.api.writes().filter((call) => call.startsWith('DELETE networkpolicies'));
    expect(deleted).toEqual(
      [wall, dns].flatMap((name) => ['shop', 'till'].map((one) => `DELETE networkpolicies/${one}/${name}`)),
    );
    expect(policies()).toEqual([paths.policy('git', dns), paths.policy('git', wall)]);
    // Argo CD has its say in the label too: it is its own.
    expect(steps.filter(({ namespace }) => namespace === 'git').map(({ action, detail }) => [action, detail])).toEqual([
      ['leave', 'argocd-controller manages its specification'],
      ['leave', 'argocd-controller manages its specification'],
    ]);
  });

  it('takes kept baselines of an earlier uninstall, or of unmarked namespaces', async () => {
    await run();
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      messages: ['this cluster has nothing of Ringfence'],
    });
    expect(await run({ removeBaselines: true })).toMatchObject({ outcome: 'done' });
    expect(policies()).toEqual([]);
  });

  it('takes the admission policies of the backstop with the webhooks, bindings first', async () => {
    const own = { labels: { 'app.kubernetes.io/part-of': 'ringfence' } };
    scene.api.put(paths.admission('validatingadmissionpolicies', 'gate.ringfence.dev'), { metadata: own });
    scene.api.put(paths.admission('validatingadmissionpolicybindings', 'gate.ringfence.dev'), { metadata: own });
    scene.api.put(paths.admission('validatingadmissionpolicies', 'other'), {});
    await run();
    const calls = scene.api.writes();
    expect(calls.slice(3, 7)).toEqual([
      'DELETE validatingadmissionpolicybindings/own-webhooks.ringfence.dev',
      'DELETE validatingadmissionpolicybindings/gate.ringfence.dev',
      'DELETE validatingadmissionpolicies/own-webhooks.ringfence.dev',
      'DELETE validatingadmissionpolicies/gate.ringfence.dev',
    ]);
    expect(scene.api.at(paths.admission('validatingadmissionpolicies', 'other'))).toBeDefined();
  });

  it("leaves what is in Ringfence's own namespace to that namespace's end", async () => {
    const { metadata } = scene.api.at(paths.namespace('ringfence-system')) ?? { metadata: { labels: {} } };
    const all = { ...metadata.labels, ...marked };
    scene.api.put(paths.namespace('ringfence-system'), { metadata: { labels: all } });
    makeBaseline(scene.api, 'ringfence-system');
    await run({ removeBaselines: true });
    expect(scene.api.writes().filter((call) => call.includes('ringfence-system'))).toEqual(home);
    expect(remains()).toEqual([]);
  });

  it('does without kinds that an older cluster does not serve', async () => {
    scene.api.world.unserved = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'];
    expect(await run()).toMatchObject({ outcome: 'done' });
  });

  it("leaves bindings that people made of Ringfence's roles, and names them", async () => {
    scene.api.put(paths.clusterRoleBinding('team-shop'), { roleRef: { name: 'ringfence' } });
    const { steps } = await run();
    expect(steps.at(-1)).toMatchObject({ action: 'leave', kind: 'ClusterRoleBinding', name: 'team-shop' });
    expect(scene.api.at(paths.clusterRoleBinding('team-shop'))).toBeDefined();
  });

  it('says what it will do, and does nothing without a yes; nor by a dry run, which asks nobody', async () => {
    scene.person.says = false;
    expect(await run()).toMatchObject({ outcome: 'refused', messages: ['nothing was changed'] });
    const { steps, cautions } = scene.intents[0] ?? { steps: [], cautions: [] };
    expect(cautions.join()).toContain('Everything else in namespace ringfence-system is deleted with it.');
    expect(await run({ dryRun: true })).toMatchObject({ outcome: 'done', dryRun: true, steps });
    expect([scene.api.writes(), scene.intents.length]).toEqual([[], 1]);
  });
});

describe('uninstall refuses', () => {
  it('before it begins, where RBAC does not allow all of it', async () => {
    scene.api.world.denied = ({ resource, verb }) => resource === 'namespaces' && verb === 'delete';
    expect(await run()).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining('delete namespaces "ringfence-system"')],
    });
    expect(scene.api.writes()).toEqual([]);
  });

  it("a namespace that may not be Ringfence's own", async () => {
    expect(await run({ ownNamespace: 'shop' })).toMatchObject({
      outcome: 'refused',
      messages: [expect.stringContaining('namespace shop does not carry app.kubernetes.io/part-of=ringfence')],
    });
    expect(scene.api.writes()).toEqual([]);
  });
});
