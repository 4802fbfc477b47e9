// One object of every kind that decides about traffic, or redirects it: each is found by discovery.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { runDesk as run } from '../commands/run.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { podOf } from './doctor-objects.ts';
import { definitionOf, objectOf, pathOf, standIn, untilServed } from './foreign-kinds.ts';
import { namespace } from './objects.ts';
import { grant } from './people.ts';
import { openApi, type RawApi } from './raw-api.ts';
import { openTerminal } from './terminal.ts';

const own = 'policy.networking.k8s.io';
const kinds = otherPolicyKinds
  // Calico's own API server stores its objects in the second group, which is not read twice.
  .filter(({ effect, group }) => effect !== 'none' && group !== 'crd.projectcalico.org')
  .map((kind) => ({ ...standIn(kind), effect: kind.effect, versions: ['v1'] }));
const evaluated = new Map([
  ['ClusterNetworkPolicy', 'v1beta1'],
  ['AdminNetworkPolicy', 'v1alpha1'],
  ['BaselineAdminNetworkPolicy', 'v1alpha1'],
]);
const served = kinds.map((kind) => {
  const version = kind.group === own ? evaluated.get(kind.kind) : undefined;
  return version === undefined ? kind : { ...kind, versions: ['v9', version] };
});
const unevaluated = served.filter(({ group }) => group !== own);
const flow = ['--from', 'shop/web', '--to', 'shop/db', '--port', '80'];

/** A NetworkPolicy of Kubernetes denies the flow; an Admin policy allows it. */
const tiered = {
  priority: 1,
  subject: { namespaces: {} },
  ingress: [{ action: 'Allow', from: [{ namespaces: {} }] }],
};
const specs: Readonly<Record<string, object>> = {
  AdminNetworkPolicy: tiered,
  BaselineAdminNetworkPolicy: { subject: { namespaces: {} } },
  ClusterNetworkPolicy: { tier: 'Baseline', priority: 1, subject: { namespaces: {} } },
};

describeWithSharedControlPlane('policies of other kinds in a live cluster', (controlPlane) => {
  let api: RawApi;
  let looker: string;

  beforeAll(async () => {
    api = openApi(controlPlane(), 'admin');
    const admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -f -', namespace('shop'), ...served.map(definitionOf));
    await untilServed(api, served);
    const wall = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'wall', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'db' } } },
    };
    const rules = [
      { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['list'] },
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
    ];
    const rbac = 'rbac.authorization.k8s.io';
    const subjects = [{ kind: 'ServiceAccount', namespace: 'shop', name: 'looker' }];
    await admin.run('apply -f -', podOf('shop', 'web', { app: 'web' }), podOf('shop', 'db', { app: 'db' }), wall, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'looker', namespace: 'shop' },
    });
    looker = await controlPlane().kubeconfigForServiceAccount('shop', 'looker');
    await grant(
      controlPlane(),
      looker,
      { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'looker' }, rules },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'looker' },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'looker' },
        subjects,
      },
    );
    for (const kind of served) {
      const version = kind.versions.at(-1) ?? '';
      // There may be one only, of this name.
      const name = kind.kind === 'BaselineAdminNetworkPolicy' ? 'default' : 'one';
      const spec = (kind.group === own ? specs[kind.kind] : undefined) ?? {};
      const made = await api.send('POST', pathOf(kind, version, 'shop'), objectOf(kind, version, name, spec));
      expect([kind.kind, made.code, made.message]).toEqual([kind.kind, 201, '']);
    }
  });
  afterAll(() => api.close());

  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['reach', ['reach', ...flow]],
    ['assert', ['assert', 'test/e2e/reach-other-policies.expectations.yaml']],
    ['diff', ['diff', 'examples/three-tiers', 'live']],
  ];

  it.each(commands)('are named by %s, one by one', async (_, args) => {
    const { stderr } = await run([...args, '--kubeconfig', controlPlane().adminKubeconfig]);
    const missing = unevaluated.filter(({ kind, group }) => !stderr.includes(`1 ${kind} of ${group} can `));
    expect(missing.map(({ kind, group }) => `${kind}.${group}`)).toEqual([]);
  });

  it.each(commands)('are named by %s too where they may not be listed', async (_, args) => {
    const { stderr, code } = await run([...args, '--kubeconfig', looker, '--strict']);
    const missing = served.filter(
      ({ resource, group }) => !stderr.includes(`could not be listed: you may not list ${resource}.${group}\n`),
    );
    expect([code, missing.map(({ kind, group }) => `${kind}.${group}`)]).toEqual([1, []]);
  });

  it('are evaluated if their group is that of network-policy-api, in the version that can be read', async () => {
    const { stdout, stderr } = await run(['reach', ...flow, '--kubeconfig', controlPlane().adminKubeconfig]);
    expect(stdout).toMatch(/^allowed: [\s\S]*AdminNetworkPolicy one/);
    expect(stdout).toContain('but 1 CiliumNetworkPolicy (shop/one) selects shop/db and is not evaluated\n');
    expect(stderr).not.toContain(own);
  });

  it('leave an expectation undefined, unless they are to be ignored', async () => {
    const file = 'test/e2e/reach-other-policies.expectations.yaml';
    const { stdout, code } = await run(['assert', file, '--kubeconfig', controlPlane().adminKubeconfig]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('  undefined: shop/web to shop/db\n')]);
  });
});
