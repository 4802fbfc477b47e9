// `inherit`: labels of the namespace are filled in for charts that nobody can edit. The webhook
// exists only while the setting is on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { templatePathOf, type WorkloadKind, workloadKinds } from '../../src/kubernetes/kinds.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import {
  developerRole,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
  workload,
} from './objects.ts';
import { grant } from './people.ts';
import { findingsIn, openTerminal, type StoredObject, type Terminal } from './terminal.ts';

/** The label that does not come from the namespace. */
const exposure = { expose: 'false' };

describeWithSharedControlPlane('inherit', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    // From before Ringfence: a Deployment with one Pod, and others that will lose their ReplicaSet.
    const marked = { ...namespaceLabels, 'ringfence.dev/fence': '' };
    const mild = { ...marked, 'ringfence.dev/mode': 'warn' };
    await admin.run('apply -f -', namespace('shop', marked), namespace('mild', mild), namespace('old', {}));
    const deployments = [running('legacy'), running('orphaned'), inNamespace('mild', running('orphaned'))];
    await dev.run('apply -f -', ...deployments);
    await eventually('their Pods', async () => {
      const { items } = await admin.get<{ items: readonly object[] }>('pods -A');
      return items.length === deployments.length;
    });
    installation = await install(controlPlane(), 'enforce');
    await applyConfiguration(controlPlane(), 'mode: enforce\ninherit: true\n');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await eventually('the API server to ask', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
    await eventually('the API server to fill in', async () => {
      const dryRun = await dev.run('create --dry-run=server -o yaml -f -', pod('probe', exposure)).catch(() => '');
      return dryRun.includes('tier: api');
    });
  });
  afterAll(() => installation.end());

  it('is a mutating webhook of its own, beside the mark', async () => {
    expect(await mutating()).toEqual(['mark.ringfence.dev', 'inherit.ringfence.dev']);
  });

  it('fills in what a Pod does not say, and nothing else', async () => {
    await dev.run('create -f -', pod('web', { app: 'web', ...exposure }));
    expect((await dev.get('pod web -n shop')).metadata.labels).toEqual({ app: 'web', ...podLabels });
    await dev.run('create -f -', pod('bare', exposure));
    await dev.run('delete pod web bare -n shop --grace-period=0 --force');
  });

  it('leaves what is wrong, and what only the author knows, to the checks', async () => {
    expect(
      findingsIn(await dev.refused('create -f -', pod('web', { tier: 'data', env: 'prd', expse: 'true' }))),
    ).toEqual([
      '  env     "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]',
      '  tier    "data" is not its namespace\'s; namespace shop says tier=api   [label-agreement]',
      '  expose  missing; "expse" is there: is expose meant?                   [required-labels]',
    ]);
  });

  it.each<[string, Manifest]>([
    ['a Pod of helm test', helmTest()],
    // The solver of cert-manager, the importer of CDI and the affinity assistant of Tekton have no
    // place for a label.
    ['a Pod of an operator', pod('cm-acme-http-solver-x', { 'acme.cert-manager.io/http01-solver': 'true' })],
    ['a workload of an operator', workload('StatefulSet', 'affinity-assistant-x', {})],
  ])('lets in %s, which says nothing, with the default of expose', async (_, made) => {
    expect(await dev.run('create --dry-run=server -o yaml -f -', made)).toContain('expose: "false"');
  });

  it.each(workloadKinds)('fills the template of a %s, which keeps it when applied again', async (kind) => {
    const name = `web-${kind.toLowerCase()}`;
    await dev.run('apply -f -', workload(kind, name, exposure));
    const first = await dev.get(`${kind} ${name} -n shop`);
    expect(templateLabels(kind, first)).toMatchObject({ app: name, ...podLabels });
    expect(first.metadata.labels ?? {}).not.toHaveProperty('tier');
    // Every chart is applied again. The same text changes nothing, so nothing rolls out.
    expect(await dev.run('apply -f -', workload(kind, name, exposure))).toContain('unchanged');
    await dev.run(`delete ${kind} ${name} -n shop`);
  });

  it('fills a NetworkPolicy, and one without any labels', async () => {
    await dev.run('create -f -', networkPolicy('allow', {}));
    expect((await dev.get('networkpolicy allow -n shop')).metadata.labels).toEqual(namespaceLabels);
  });

  it('says nothing where the namespace does not', async () => {
    await dev.run('create -f -', inNamespace('old', pod('web', podLabels)));
    expect(findingsIn(await dev.refused('create -f -', inNamespace('old', pod('bare', exposure))))).toHaveLength(3);
  });

  it('touches no mirror Pod of a kubelet', async () => {
    const mirror = pod('mirror', exposure, { nodeName: 'node-1' });
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    const metadata = { ...(mirror['metadata'] as object), annotations };
    expect(findingsIn(await admin.refused('create -f -', { ...mirror, metadata }))).toHaveLength(3);
  });

  it('a Deployment from before is scaled without rolling; the Pods that come are filled in', async () => {
    const before = await replicaSetsOf('legacy');
    expect(before).toHaveLength(1);
    await dev.run('patch deployment legacy -n shop -p {"spec":{"replicas":2}}');
    await dev.run('scale deployment legacy -n shop --replicas=3');
    await eventually('its Pods', async () => (await podsOf('legacy')).length === 3);
    expect((await replicaSetsOf('legacy')).map(({ metadata }) => metadata.uid)).toEqual(
      before.map(({ metadata }) => metadata.uid),
    );
    const [first, ...later] = await podsOf('legacy');
    expect(first?.metadata.labels).not.toHaveProperty('tier');
    for (const { metadata } of later) expect(metadata.labels).toMatchObject(podLabels);
  });

  it('a ReplicaSet that a Deployment from before makes anew is left as its Deployment wants it', async () => {
    // A ReplicaSet with another template does not count as the Deployment's, which would create one
    // after another.
    const lost = await replicaSetsOf('orphaned', 'mild');
    await dev.run('delete replicaset -n mild -l app=orphaned');
    await eventually('another Pod', async () => (await podsOf('orphaned', 'mild')).some(isFilledIn));
    const made = await replicaSetsOf('orphaned', 'mild');
    expect(made).toHaveLength(1);
    expect(made[0]?.metadata.name).toBe(lost[0]?.metadata.name);
    expect(templateLabels('ReplicaSet', made[0] ?? {})).not.toHaveProperty('tier');
  });

  it('in enforce such a ReplicaSet is refused like its Deployment would be; a restart fills both', async () => {
    await dev.run('delete replicaset -n shop -l app=orphaned');
    await eventually('the refusal', () =>
      replica.log().find((line) => line['resource'] === 'replicasets' && line['decision'] === 'denied'),
    );
    expect(await replicaSetsOf('orphaned')).toEqual([]);
    await dev.run('rollout restart deployment orphaned -n shop');
    await eventually('its Pod', async () => (await podsOf('orphaned')).some(isFilledIn));
    const made = await replicaSetsOf('orphaned');
    expect(made).toHaveLength(1);
    expect(templateLabels('ReplicaSet', made[0] ?? {})).toMatchObject(podLabels);
  });

  it('goes when it is switched off, and what was filled in stays', async () => {
    await applyConfiguration(controlPlane(), 'mode: enforce\ninherit: false\n');
    await untilFollowed(controlPlane());
    expect(await mutating()).toEqual(['mark.ringfence.dev']);
    await eventually('the API server to leave it', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify(pod('probe', exposure)),
      });
      return exitCode !== 0;
    });
    expect((await dev.get('networkpolicy allow -n shop')).metadata.labels).toEqual(namespaceLabels);
  });

  async function mutating(): Promise<readonly string[]> {
    const { webhooks } = await admin.get<{ webhooks: readonly { readonly name: string }[] }>(
      'mutatingwebhookconfiguration ringfence',
    );
    return webhooks.map(({ name }) => name);
  }

  async function replicaSetsOf(app: string, where = 'shop'): Promise<readonly StoredObject[]> {
    return (await dev.get<{ items: StoredObject[] }>(`replicasets -n ${where} -l app=${app}`)).items;
  }

  /** Whether a Pod is from after Ringfence. */
  const isFilledIn = ({ metadata }: StoredObject) => metadata.labels?.['tier'] === 'api';

  async function podsOf(app: string, where = 'shop'): Promise<readonly StoredObject[]> {
    const { items } = await dev.get<{ items: StoredObject[] }>(
      `pods -n ${where} -l app=${app} --sort-by=.metadata.creationTimestamp`,
    );
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }
});

/** As `helm create` makes it, in the fenced namespace. */
function helmTest(): Manifest {
  const test = pod('myrelease-test-connection', { 'app.kubernetes.io/managed-by': 'Helm' });
  return { ...test, metadata: { ...(test['metadata'] as object), annotations: { 'helm.sh/hook': 'test' } } };
}

/** A Deployment with only the label `expose`, and one Pod. */
function running(name: string): Manifest {
  const made = workload('Deployment', name, exposure);
  return { ...made, spec: { ...(made['spec'] as object), replicas: 1 } };
}

function templateLabels(kind: WorkloadKind, object: object): unknown {
  return [...templatePathOf(kind), 'metadata', 'labels'].reduce<unknown>(
    (at, step) => (at as Readonly<Record<string, unknown>>)[step],
    object,
  );
}
