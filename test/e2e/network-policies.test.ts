// What a developer with the built-in role `edit` reads in kubectl about a NetworkPolicy, check by check, while Ringfence enforces.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { rows } from './network-policy-rows.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, networkPolicy } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const options = {
  users: [{ name: 'dev', groups: ['developers'] }],
  disableAdmissionPlugins: ['ServiceAccount'],
};

const identities = {
  shop: namespaceLabels,
  vault: { ...namespaceLabels, tier: 'data' },
  old: namespaceLabels,
} as const;

describeWithControlPlane('NetworkPolicies in enforce', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    const fromLater = { ...ingress({ 'kubernetes.io/metadata.name': 'later' }) };
    await admin.run(
      'apply -f -',
      ...editRole,
      namespace('old'),
      inNamespace('old', networkPolicy('open', {}, { ingress: [{}] })),
      inNamespace('old', networkPolicy('from-later', namespaceLabels, fromLater)),
    );
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    await dev.run('apply -f -', namespace('shop'), namespace('vault', identities.vault), namespace('front', { ...namespaceLabels, tier: 'web' }));
  });
  afterAll(() => installation.end());

  it.each(rows)('$check: $verdict, and accepted once it is right', async (row) => {
    const { check, namespace: home, verdict, wrong, right, labels, rightLabels, says } = row;
    const policy = (spec: object, more: object = {}) =>
      inNamespace(home, networkPolicy(check, { ...identities[home], ...labels, ...more }, { podSelector: { matchLabels: { app: check } }, ...spec }));
    if (verdict === 'refused') {
      const printed = await dev.refused('create -f -', policy(wrong));
      console.log(printed);
      console.log(await dev.run('apply -f -', policy(right, rightLabels)));
    } else {
      console.log(await dev.run('apply -f -', policy(wrong)));
      console.log(await dev.run('apply -f -', policy(right, rightLabels)));
    }
  });

  it('legacy', async () => {
    console.log(await dev.run('label networkpolicy open -n old note=kept'));
    console.log(await dev.run('annotate networkpolicy open -n old note=kept'));
    console.log(await dev.run('label networkpolicy open -n old env=prod tier=api team=shop'));
    console.log(await dev.refused('label networkpolicy open -n old --overwrite tier=data'));
    console.log(await dev.refused('patch networkpolicy open -n old --type=merge -p {"spec":{"podSelector":{"matchLabels":{"app":"web"}}}}'));
  });

  it('namespaces', async () => {
    console.log(await dev.refused('create -f -', namespace('later', { ...namespaceLabels, env: 'dev', tier: 'data' })));
    console.log(await dev.run('create -f -', namespace('later')));
    console.log(await dev.run('create -f -', networkPolicy('from-front', namespaceLabels, ingress({ 'kubernetes.io/metadata.name': 'front' }))));
    await eventually('x', async () => { await new Promise((r) => setTimeout(r, 500)); return true; });
    console.log(await admin.refused('label namespace front tier=data --overwrite'));
    console.log(await admin.run('label namespace front tier=api --overwrite'));
  });
});

function ingress(matchLabels: object) {
  return { ingress: [{ from: [{ namespaceSelector: { matchLabels } }], ports: [{ port: 8080 }] }] };
}

const editRole: readonly Manifest[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'namespace-maker' },
    rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'get', 'patch'] }],
  },
  ...['namespace-maker', 'edit'].map((name) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `developers-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'developers' }],
  })),
];
