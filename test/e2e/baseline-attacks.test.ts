// Attacks on the baseline by a user with every right of Kubernetes in the cluster, but none of
// Ringfence's permissions.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { networkPolicyQuota } from './cluster-objects.ts';
import { eventually, type Installation, install } from './installation.ts';
import {
  developerRole,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
} from './objects.ts';
import { grant } from './people.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';
import { recordWalls } from './wall-history.ts';

const wall = 'networkpolicy deny-all-baseline';
const closed = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
const wide = networkPolicy('deny-all-baseline', {}, { ingress: [{}] });
const toNothing = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '00000000-0000-4000-8000-000000000000' }];

describeWithSharedControlPlane('attacks on the baseline', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;
  let dev: Terminal;
  let ops: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    ops = openTerminal(controlPlane(), 'ops');
    await grant(controlPlane(), 'dev', ...developerRole);
    // Before Ringfence, a namespace that will be fenced later has a wide policy with a name of the
    // baseline.
    const forged = networkPolicy('deny-all-baseline', { tier: 'data', colour: 'blue' }, { ingress: [{}] });
    const owned = {
      ...forged,
      metadata: { ...(forged['metadata'] as object), ownerReferences: await ownersIn('old') },
    };
    await dev.run('apply -f -', inNamespace('old', owned));
    installation = await install(controlPlane(), 'enforce');
    const replica = await installation.start();
    await replica.untilReady();
    await dev.run('apply -f -', namespace('shop'), namespace('bank'));
    for (const name of ['shop', 'bank']) await eventually('the baseline', () => uidIn(name));
  });
  afterAll(() => installation.end());

  it('a wide one that waits in a namespace is closed when the namespace is fenced, and stripped of what it claims', async () => {
    await admin.run('label namespace old env=prod tier=api team=old ringfence.dev/fence=replace');
    await dev.run('apply -f -', inNamespace('old', pod('web', { ...namespaceLabels, team: 'old', expose: 'false' })));
    const { spec, metadata } = await dev.get(`${wall} -n old`);
    expect(spec).toEqual(closed);
    expect(metadata.ownerReferences).toBeUndefined();
    await eventually('its labels', async () => (await dev.get(`${wall} -n old`)).metadata.labels?.['tier'] === 'api');
    expect((await dev.get(`${wall} -n old`)).metadata.labels).toMatchObject({
      env: 'prod',
      team: 'old',
      colour: 'blue',
    });
  });

  it('a wide one that comes with its namespace in one file is refused, the Pod beside it is behind the wall', async () => {
    const history = await recordWalls(controlPlane().adminKubeconfig);
    const labels = { ...namespaceLabels, team: 'late' };
    const all = [wide, pod('web', { ...labels, expose: 'false' })].map((one) => inNamespace('late', one));
    expect(await dev.refused('create -f -', namespace('late', labels), ...all)).toContain(
      'NetworkPolicy late/deny-all-baseline: this name is reserved for the baseline of a fenced namespace',
    );
    const [policy, web] = [await dev.get(`${wall} -n late`), await dev.get('pod web -n late')];
    expect(policy.spec).toEqual(closed);
    await history.catchUp();
    // The creation of the wall counts. Gate and reconciler may both apply it, and the later apply
    // raises its version.
    expect(history.standingAt('late', BigInt(web.metadata.resourceVersion)).isWalled).toBe(true);
    await history.stop();
  });

  it.each<[string, string, Manifest?]>([
    ['deletion', `delete ${wall} -n shop`],
    ['deletion in the background', `delete ${wall} -n shop --cascade=background --now`],
    ['deletion of all', 'delete networkpolicies --all -n shop'],
    ['deletecollection', 'delete --raw /apis/networking.k8s.io/v1/namespaces/shop/networkpolicies'],
    ['creation of a wide one', 'create -f -', wide],
    ['replacement by a wide one', 'replace -f -', wide],
    ['replacement by force', 'replace --force -f -', wide],
    ['apply under our own field manager', 'apply --server-side --force-conflicts --field-manager=ringfence -f -', wide],
    ['a patch of its rules', `patch ${wall} -n shop --type=merge -p {"spec":{"egress":[{}]}}`],
    ['a patch of its selector', `patch ${wall} -n shop -p {"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}`],
    ['a patch of its types', `patch ${wall} -n shop --type=merge -p {"spec":{"policyTypes":["Ingress"]}}`],
    [
      'an owner that is not there',
      `patch ${wall} -n shop -p ${JSON.stringify({ metadata: { ownerReferences: toNothing } })}`,
    ],
    ['another identity', `label ${wall} -n shop --overwrite tier=data`],
    ['deletion of the DNS egress', 'delete networkpolicy allow-dns-egress -n shop'],
  ])('%s is refused', async (_title, command, ...input) => {
    const before = await uidIn('shop');
    const refusal = await dev.refused(command, ...input.filter((one) => one !== undefined));
    expect(refusal).toMatch(/NetworkPolicy shop\/(deny-all-baseline|allow-dns-egress): /);
    expect(refusal).toContain('Needed: the verb "breach" on fences.ringfence.dev named "shop"');
    expect(await uidIn('shop')).toBe(before);
    expect((await dev.get(`${wall} -n shop`)).spec).toEqual(closed);
  });

  it('a quota that leaves no room for the baseline is refused, at creation and by a change; one with room is not', async () => {
    const refusal = await dev.refused('create -f -', networkPolicyQuota(0));
    expect(refusal).toContain(
      'admission webhook "baseline.ringfence.dev" denied the request: ResourceQuota shop/policies-0:',
    );
    expect(refusal).toContain('Needed: the verb "breach" on fences.ringfence.dev named "shop"');
    await dev.run('create -f -', networkPolicyQuota(50));
    const fewer = JSON.stringify({ spec: { hard: { 'count/networkpolicies.networking.k8s.io': '1' } } });
    expect(await dev.refused(`patch resourcequota policies-50 -n shop -p ${fewer}`)).toContain('leaves no room');
    await dev.run('annotate resourcequota policies-50 -n shop a=b');
    await dev.run('delete resourcequota policies-50 -n shop');
  });

  it('a RoleBinding to cluster-admin in the namespace is no permission to breach', async () => {
    await admin.run('create rolebinding owner -n shop --clusterrole=cluster-admin --user=dev');
    await eventually('the binding to hold', () => can('dev', 'get roles.rbac.authorization.k8s.io -n shop'));
    await dev.refused(`delete ${wall} -n shop`);
  });

  it('a ClusterRole with breach on the namespace is, there and nowhere else; what is deleted comes back', async () => {
    await ops.refused(`delete ${wall} -n shop`);
    await admin.run('apply -f -', ...breach('shop', 'ops'));
    const before = await uidIn('shop');
    const printed = await eventually('the permission to hold', () =>
      ops.run(`delete ${wall} -n shop`).catch(() => undefined),
    );
    expect(printed).toContain('Warning: NetworkPolicy shop/deny-all-baseline: breached by permission; put back while');
    const after = await eventually('the baseline to be back', () => uidIn('shop'));
    expect(after).not.toBe(before);
    await ops.refused(`delete ${wall} -n bank`);
  });

  it.each([
    ['rules that a plain apply would keep', { spec: { ingress: [{}] } }],
    ['an owner that is not there', { metadata: { ownerReferences: toNothing } }],
    ['labels that its namespace does not have', { metadata: { labels: { tier: 'data', sensitivity: 'low' } } }],
  ])('breached by permission with %s, it is right again', async (_title, patch) => {
    const before = await uidIn('shop');
    const printed = await ops.run(`patch ${wall} -n shop --type=merge -p ${JSON.stringify(patch)}`);
    expect(printed).toContain('breached by permission');
    await eventually('the repair', async () => {
      const { spec, metadata } = await dev.get(`${wall} -n shop`);
      const labels = new Map(Object.entries(metadata.labels ?? {}));
      const isRight =
        metadata.ownerReferences === undefined && labels.get('tier') === 'api' && !labels.has('sensitivity');
      return isRight && JSON.stringify(spec) === JSON.stringify(closed);
    });
    expect(await uidIn('shop')).toBe(before);
  });

  it('in a namespace that ends, the baseline stays until the last Pod is gone; then the deletion completes', async () => {
    await dev.run('apply -f -', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
    const slow = { nodeName: 'node-1', terminationGracePeriodSeconds: 600 };
    await dev.run('apply -f -', inNamespace('bank', pod('slow', undefined, slow)));
    const before = await uidIn('bank');
    await dev.run('delete namespace bank --wait=false');
    await eventually(
      'the Pod to be ending',
      async () => (await dev.get('pod slow -n bank')).metadata.deletionTimestamp,
    );
    // As in Kubernetes before 1.34, objects are deleted in no particular order.
    const controller = '--as=system:serviceaccount:kube-system:namespace-controller';
    for (const command of [
      `delete ${wall} -n bank`,
      'delete --raw /apis/networking.k8s.io/v1/namespaces/bank/networkpolicies',
    ])
      expect(await admin.refused(`${command} ${controller}`)).toContain(
        'it stays until the last Pod of namespace bank is gone; the deletion goes on by itself',
      );
    await dev.refused(`delete ${wall} -n bank`);
    expect(await uidIn('bank')).toBe(before);
    // This is the kubelet's part.
    await dev.run('delete pod slow -n bank --grace-period=0 --force');
    await eventually(
      'the namespace to be gone',
      async () => !(await dev.run('get namespaces -o name')).includes('bank'),
      90_000,
    );
  });

  it('no garbage collector has ever deleted a baseline', async () => {
    const deleted = (await controlPlane().auditEvents()).filter(
      ({ verb, objectRef }) => verb.startsWith('delete') && objectRef?.resource === 'networkpolicies',
    );
    const bySuccess = deleted.filter(({ responseStatus }) => (responseStatus?.code ?? 0) < 300);
    const who = new Set(bySuccess.map(({ user }) => user.username));
    expect(who).toEqual(new Set(['ops', 'system:serviceaccount:kube-system:namespace-controller']));
  });

  /** Returns the uid of a namespace's wall; undefined if it does not exist. */
  async function uidIn(name: string): Promise<string | undefined> {
    const { items } = await dev.get<{ items: StoredObject[] }>(`networkpolicies -n ${name}`);
    return items.find(({ metadata }) => metadata.name === 'deny-all-baseline')?.metadata.uid;
  }

  async function can(user: string, what: string): Promise<boolean> {
    return (
      await openTerminal(controlPlane(), user)
        .run(`auth can-i ${what}`)
        .catch(() => 'no')
    ).startsWith('yes');
  }

  /** Makes a namespace with an existing owner in it. */
  async function ownersIn(name: string): Promise<readonly object[]> {
    await dev.run('apply -f -', namespace(name, {}));
    await dev.run(`create configmap owner -n ${name}`);
    const { metadata } = await dev.get(`configmap owner -n ${name}`);
    return [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid }];
  }
});

/** The objects that grant the permission to breach the fence of one namespace. */
function breach(name: string, user: string): readonly Manifest[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: `breach-${name}` };
  const rules = [{ apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['breach'], resourceNames: [name] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
  ];
}
