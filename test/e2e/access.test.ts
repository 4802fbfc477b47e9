// Least privilege, by use: the rights that the manifests grant to Ringfence are exactly those that
// it uses in a full life, and none of its calls is forbidden.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workloadKinds } from '../../src/kubernetes/kinds.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration } from './configure.ts';
import { eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { developerRole, type Manifest, namespace, pod, podLabels, workload } from './objects.ts';
import { grant } from './people.ts';
import { tell } from './scale.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { count, kindOf, ownUser } from './traffic.ts';

const wall = 'networkpolicy deny-all-baseline -n shop';

describeWithSharedControlPlane('access', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    installation = await install(controlPlane(), 'enforce');
    // The Service of DNS has only the name of the port, so its EndpointSlices are listed too.
    await admin.run('create -f -', dnsService);
    await applyConfiguration(controlPlane(), 'mode: enforce\nbaseline: {dns: auto}\n');
    replica = await installation.start();
    await replica.untilReady();
    // A first installation has created the Secret and the webhook configurations. Then a cluster
    // does the following to Ringfence:
    await admin.run(`patch secret ringfence-tls -n ${ownNamespace} -p {"stringData":{"tls.crt":"rubbish"}}`);
    await untilLogged('certificates written', 2);
    for (const kind of ['validating', 'mutating'])
      await admin.run(`annotate ${kind}webhookconfiguration ringfence ringfence.dev/config-version- --overwrite`);
    await untilLogged('webhooks repaired', 2);
    await dev.run('apply -f -', namespace('shop'), pod('web'));
    await dev.refused(`delete ${wall}`);
    await eventually('an Event', async () => (await admin.run('get events -n shop')).includes('Denied'));
    // The reported count stops when the writes stop.
    await dev.refused(`delete ${wall}`);
    // The owner of a Pod is read before an Event names it.
    for (const orphan of made) await dev.refused('create -f -', orphan);
    await eventually('the last of them', async () => (await admin.run('get events -n shop')).includes('shop/made'));
    await dev.refused('create --raw /api/v1/namespaces/shop/pods/web/binding -f -', binding);
    await admin.run(`label ${wall} tier=data --overwrite`);
    await eventually('the labels', async () => (await dev.get(wall)).metadata.labels?.['tier'] === 'api');
    // A mode is lowered and raised, which lists the content of the namespace.
    for (const mode of ['warn', 'enforce'])
      await admin.run(`label namespace shop ringfence.dev/mode=${mode} --overwrite`);
    await dev.run('delete namespace shop');
    // The API server records a watch when it has noticed its end.
    replica.process.signal('SIGTERM');
    await replica.process.ended;
    const watches = (await grantedHere()).filter((kind) => kind.startsWith('watch '));
    await eventually(`the watches to be recorded: ${watches.join(', ')}`, async () => {
      const recorded = new Set((await eventsOfOurs()).map(kindOf));
      return watches.every((kind) => recorded.has(kind));
    });
  });
  afterAll(() => installation.end());

  it('all that is granted is used, and nothing else is done', async () => {
    const done = (await eventsOfOurs()).map((event) => ({ kind: kindOf(event), code: event.responseStatus?.code }));
    tell(`access: ${JSON.stringify(count(done.map(({ kind }) => kind)))}`);
    const used = new Set(done.map(({ kind }) => kind));
    // An apply that creates is recorded as a patch, but needs the right to create as well.
    if (done.some(({ kind, code }) => kind === `patch ${policies}` && code === 201)) used.add(`create ${policies}`);
    // Kubernetes grants it to every authenticated user.
    used.delete('create authentication.k8s.io/selfsubjectreviews');
    expect([...used].sort(byText)).toEqual((await grantedHere()).sort(byText));
  });

  it('nothing is forbidden', async () => {
    const forbidden = (await eventsOfOurs()).filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(forbidden.map(kindOf)).toEqual([]);
  });

  async function eventsOfOurs() {
    return (await controlPlane().auditEvents()).filter(({ user }) => user.username === ownUser);
  }

  /** What is granted, without what only the review of a route needs: no Gateway API is served. */
  async function grantedHere(): Promise<string[]> {
    const roles = await admin.get<{ items: readonly { readonly rules: readonly Rule[] }[] }>(
      'clusterrole/ringfence clusterrole/ringfence-webhooks',
    );
    const own = await admin.get<{ readonly rules: readonly Rule[] }>(`role ringfence -n ${ownNamespace}`);
    const kinds = [...roles.items, own].flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((apiGroup) =>
          resources.flatMap((resource) =>
            verbs.map((verb) => `${verb} ${apiGroup === '' ? '' : `${apiGroup}/`}${resource}`),
          ),
        ),
      ),
    );
    return [...new Set(kinds)].filter((kind) => !kind.includes(' gateway.networking.k8s.io/'));
  }

  function untilLogged(message: string, times: number): Promise<unknown> {
    return eventually(
      `"${message}" ${times} times`,
      () => replica.log().filter(({ msg }) => msg === message).length >= times,
    );
  }
});

/** rbac.authorization.k8s.io/v1 PolicyRule. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const policies = 'networking.k8s.io/networkpolicies';

const dnsService: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace: 'kube-system' },
  spec: {
    selector: { 'k8s-app': 'kube-dns' },
    ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' }],
  },
};

/** Pods without labels that name a missing controller, one of each kind. */
const made = workloadKinds.map((kind) => {
  const { apiVersion } = workload(kind, 'nobody');
  const owner = { apiVersion, kind, name: 'nobody', uid: '00000000-0000-0000-0000-000000000000', controller: true };
  return { ...pod('made'), metadata: { name: 'made', namespace: 'shop', ownerReferences: [owner] } };
});

const binding: Manifest = {
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'web', namespace: 'shop', labels: { ...podLabels, tier: 'data' } },
  target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
};

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
