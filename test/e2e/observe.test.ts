// The first step of a rollout: everything is recorded and nothing is refused, but a namespace with
// the mark is fenced.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workloadKinds } from '../../src/kubernetes/kinds.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, networkPolicy, pod, podLabels, workload } from './objects.ts';
import { grant } from './people.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';
import { recordWalls } from './wall-history.ts';

interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly namespaceSelector: { readonly matchExpressions?: readonly object[] };
}

describeWithSharedControlPlane('observe', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'observe');
    replica = await installation.start();
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
  });
  afterAll(() => installation.end());

  const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision');
  const findings = (resource: string) =>
    decisions()
      .filter((line) => line['resource'] === resource)
      .flatMap((line) => line['findings'] as readonly { readonly check: string; readonly action: string }[]);

  it('asks the API server for nothing that could stop a cluster', async () => {
    const validating = await admin.get<{ webhooks: Webhook[] }>('validatingwebhookconfiguration ringfence');
    const mutating = await admin.get<{ webhooks: Webhook[] }>('mutatingwebhookconfiguration ringfence');
    // Entries that fail closed match only namespaces that enforce, the baseline of namespaces with
    // the mark, and Ringfence's own proof of reach.
    const closed = [...validating.webhooks, ...mutating.webhooks].filter(
      ({ failurePolicy }) => failurePolicy === 'Fail',
    );
    const chose = { key: 'ringfence.dev/mode', operator: 'In', values: ['enforce'] };
    const marked = { key: 'ringfence.dev/fence', operator: 'Exists' };
    const own = { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['ringfence-system'] };
    expect(closed.map(({ name }) => name)).toEqual([
      'namespaces.ringfence.dev',
      'networkpolicies.ringfence.dev',
      'reserved-names.ringfence.dev',
      'baseline.ringfence.dev',
      'pods.ringfence.dev',
      'workloads.ringfence.dev',
      'otherpolicies.ringfence.dev',
      'reach.ringfence.dev',
    ]);
    for (const { name, namespaceSelector } of closed.slice(1)) {
      const least = name.startsWith('baseline.') ? marked : name.startsWith('reach.') ? own : chose;
      expect(namespaceSelector.matchExpressions, name).toContainEqual(least);
    }
  });

  it('a namespace without labels is created, not marked, and recorded', async () => {
    // kubectl would print warnings.
    expect(await dev.run('create namespace shop')).toBe('namespace/shop created\n');
    expect((await dev.get('namespace shop')).metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'shop' });
    expect(decisions().at(-1)).toMatchObject({
      resource: 'namespaces',
      operation: 'CREATE',
      name: 'shop',
      user: 'dev',
      mode: 'observe',
      modeSource: 'cluster',
      decision: 'allowed',
    });
    expect(findings('namespaces')).toHaveLength(3);
  });

  it('everything wrong is admitted without a word, and recorded', async () => {
    const wrong = { env: 'prd', expose: 'true', internal: 'true' };
    const objects = [
      pod('web', wrong, { hostNetwork: true }),
      networkPolicy('open', {}, { ingress: [{}] }),
      ...workloadKinds.map((kind) => workload(kind, `web-${kind.toLowerCase()}`, wrong)),
    ];
    const printed = await dev.run('apply -f -', ...objects);
    expect(printed.match(/ created$/gm)).toHaveLength(objects.length);
    expect(printed).not.toContain('Warning');
    for (const resource of ['pods', 'networkpolicies', 'deployments', 'cronjobs'])
      expect(findings(resource).length, resource).toBeGreaterThanOrEqual(3);
    expect(new Set(decisions().map((line) => line['decision']))).toEqual(new Set(['allowed']));
    expect(
      new Set(
        decisions()
          .flatMap((line) => line['findings'] as { action: string }[])
          .map(({ action }) => action),
      ),
    ).toEqual(new Set(['record']));
  });

  it('a namespace that carries the mark has its baseline, and keeps it', async () => {
    await dev.run('label namespace shop ringfence.dev/fence=');
    const uid = await eventually('the baseline', () => uidOf('shop'));
    expect(await dev.refused('delete networkpolicies --all -n shop')).toContain('NetworkPolicy shop/deny-all-baseline');
    expect(
      await dev.refused('patch networkpolicy deny-all-baseline -n shop --type=merge -p {"spec":{"ingress":[{}]}}'),
    ).toContain('namespace shop is fenced, and this NetworkPolicy is its baseline');
    expect(await uidOf('shop')).toBe(uid);
    await admin.run('delete networkpolicy deny-all-baseline -n shop');
    const again = await eventually('the baseline to be put back', () => uidOf('shop'));
    expect(again).not.toBe(uid);
  });

  it('a Pod that comes with its namespace finds the wall made, and is admitted', async () => {
    const history = await recordWalls(controlPlane().adminKubeconfig);
    const marked = namespace('bank', { 'ringfence.dev/fence': '' });
    await dev.run('apply -f -', marked, inNamespace('bank', pod('web', {})));
    expect(await uidOf('bank')).toBeDefined();
    const made = await dev.get('pod web -n bank');
    await history.catchUp();
    // The creation of the wall counts. Gate and reconciler may both apply it, and the later apply
    // raises its version.
    expect(history.standingAt('bank', BigInt(made.metadata.resourceVersion)).isWalled).toBe(true);
    await history.stop();
  });

  it('without Ringfence the cluster goes on', async () => {
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    await dev.run('apply -f -', namespace('late', {}), inNamespace('late', pod('web', podLabels)));
    await dev.run('label pod web -n late env=prd --overwrite');
  });

  async function uidOf(name: string): Promise<string | undefined> {
    const { items } = await dev.get<{ items: StoredObject[] }>(`networkpolicies -n ${name}`);
    return items.find(({ metadata }) => metadata.name === 'deny-all-baseline')?.metadata.uid;
  }
});
