// What an uninstall finds outside Ringfence's namespace that is no wall and no mark.
import { beforeEach, describe, expect, it } from 'vitest';
import { uninstall } from '../../src/fencing/uninstall.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { dns, type FencingScene, installRingfence, marked, openScene, wall } from './scene.ts';

let scene: FencingScene;
const options = { ownNamespace: 'ringfence-system', removeBaselines: false, dryRun: false, timeoutMs: 60_000 };
const run = (more: Partial<typeof options> = {}) => uninstall({ ...options, ...more }, scene.ports);
const staged = (namespace: string, name: string) =>
  `/apis/projectcalico.org/v3/namespaces/${namespace}/stagedkubernetesnetworkpolicies/${name}`;
const roleBinding = (namespace: string, name: string) =>
  `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${name}`;
const policyReports = '/apis/wgpolicyk8s.io/v1alpha2';
const byRingfence = {
  labels: { 'app.kubernetes.io/managed-by': 'ringfence' },
  annotations: { 'ringfence.dev/config-version': '7' },
};
const shortly = ({ steps }: Awaited<ReturnType<typeof run>>) =>
  steps.map(({ action, kind, namespace, name }) => `${action} ${kind} ${namespace ?? ''}/${name}`);

beforeEach(() => {
  scene = openScene({ pageSize: 2 });
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
});

describe('uninstall and what is staged', () => {
  const failing = (call: string, words: string) => {
    scene.api.world.before = (one) => {
      if (one.startsWith(call)) throw refusal(503, 'ServiceUnavailable', words);
    };
  };

  beforeEach(() => {
    for (const [namespace, name] of [
      ['shop', wall],
      ['shop', dns],
      ['free', wall],
    ] as const)
      scene.api.put(staged(namespace, name), { metadata: byRingfence });
    scene.api.put(staged('shop', 'theirs'), {});
  });

  it('deletes what Ringfence has staged, and nothing of others', async () => {
    const planned = await run({ dryRun: true });
    expect(scene.api.writes()).toEqual([]);
    const report = await run();
    const names = ['shop/deny-all-baseline', 'shop/allow-dns-egress', 'free/deny-all-baseline'];
    for (const one of [planned, report])
      expect(shortly(one).filter((step) => step.includes('Staged'))).toEqual(
        names.map((name) => `delete StagedKubernetesNetworkPolicy ${name}`),
      );
    expect(scene.api.paths().filter((path) => path.includes('/staged'))).toEqual([staged('shop', 'theirs')]);
  });

  it('names it where it cannot be deleted, and deletes it in a second run', async () => {
    failing('DELETE staged', 'Calico is down');
    const { outcome, messages } = await run();
    expect(outcome).toBe('done');
    for (const [names, namespace] of [
      [`${wall} ${dns}`, 'shop'],
      [wall, 'free'],
    ])
      expect(messages).toContain(
        `what is staged stays, and decides nothing: Calico is down\nTo remove it: kubectl delete stagedkubernetesnetworkpolicies.projectcalico.org ${names} --namespace ${namespace}`,
      );
    scene.api.world.before = () => undefined;
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(await run()).toMatchObject({ outcome: 'unchanged', messages: ['this cluster has nothing of Ringfence'] });
  });

  it('says where it is not known', async () => {
    failing('LIST staged', 'Calico is down');
    const unknown =
      'whether something is staged in the cluster is not known: Calico is down\nIf so, it stays, and decides nothing. To see it, where Calico serves it: kubectl get stagedkubernetesnetworkpolicies.projectcalico.org --all-namespaces -l app.kubernetes.io/managed-by=ringfence';
    expect((await run()).messages).toContain(unknown);
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      messages: ['this cluster has nothing of Ringfence that this command deletes', unknown],
    });
  });

  it('leaves it, and says so, where somebody may not delete it', async () => {
    scene.api.world.denied = ({ resource }) => resource === 'stagedkubernetesnetworkpolicies';
    scene.api.world.before = (call) => {
      if (call.startsWith('DELETE staged')) throw refusal(403, 'Forbidden', 'you may not');
    };
    const { outcome, messages } = await run();
    expect([outcome, messages.join()]).toEqual(['done', expect.stringContaining('what is staged stays')]);
  });
});

describe('uninstall and what people and audits have made', () => {
  it('names bindings of its roles in namespaces, also in a second run', async () => {
    const roleRef = { kind: 'ClusterRole', name: 'ringfence' };
    scene.api.put(roleBinding('shop', 'leads'), { roleRef });
    scene.api.put(roleBinding('shop', 'own'), { roleRef: { kind: 'Role', name: 'ringfence' } });
    scene.api.put(roleBinding('shop', 'view'), { roleRef: { kind: 'ClusterRole', name: 'view' } });
    scene.api.put(roleBinding('ringfence-system', 'inside'), { roleRef });
    scene.api.put(paths.clusterRole('ringfence-of-others'), {});
    scene.api.put(paths.clusterRoleBinding('others'), {
      roleRef: { kind: 'ClusterRole', name: 'ringfence-of-others' },
    });
    const left = 'leave RoleBinding shop/leads';
    const advice =
      '1 binding of deleted roles stays, because people made it. Delete it: a later role of the same name would give its rights to the subjects';
    const first = await run();
    expect(shortly(first).filter((step) => step.startsWith('leave'))).toEqual([left]);
    expect(first.messages).toContain(advice);
    const second = await run();
    expect([second.outcome, shortly(second)]).toEqual(['unchanged', [left]]);
    expect(second.messages).toEqual(['this cluster has nothing of Ringfence that this command deletes', advice]);
    expect(scene.api.at(roleBinding('shop', 'leads'))).toBeDefined();
  });

  it('names the reports of audits, and how to delete them', async () => {
    const { labels } = byRingfence;
    for (const namespace of ['shop', 'free', 'ringfence-system'])
      scene.api.put(`${policyReports}/namespaces/${namespace}/policyreports/ringfence-audit`, { metadata: { labels } });
    scene.api.put(`${policyReports}/namespaces/shop/policyreports/of-kyverno`, {});
    scene.api.put('/apis/openreports.io/v1alpha1/clusterreports/ringfence-audit', { metadata: { labels } });
    const report = await run();
    expect(shortly(report).slice(-3)).toEqual([
      'leave PolicyReport shop/ringfence-audit',
      'leave PolicyReport free/ringfence-audit',
      'leave ClusterReport /ringfence-audit',
    ]);
    expect(report.messages).toContain(
      [
        '3 reports of audits stay. To delete:',
        '  kubectl delete policyreports.wgpolicyk8s.io --all-namespaces --selector app.kubernetes.io/managed-by=ringfence',
        '  kubectl delete clusterreports.openreports.io --selector app.kubernetes.io/managed-by=ringfence',
      ].join('\n'),
    );
  });

  it.each([
    ['rolebindings', 'RoleBindings of rbac.authorization.k8s.io'],
    ['policyreports', 'PolicyReports of wgpolicyk8s.io'],
    ['clusterreports', 'ClusterReports of openreports.io'],
  ])('says so where it may not list them: %s', async (resource, title) => {
    scene.api.world.before = (call) => {
      if (call === `LIST ${resource}`) throw refusal(403, 'Forbidden', 'you may not');
    };
    const message = `not looked at, so some may stay: ${title} (you may not)`;
    expect((await run({ dryRun: true })).messages).toContain(message);
    const { outcome, messages } = await run();
    expect([outcome, messages.includes(message)]).toEqual(['done', true]);
  });
});
