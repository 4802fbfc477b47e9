// The calls that Ringfence costs a cluster: a large Deployment goes through its life, and only
// requests that can change a label or a template are reviewed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { namespace, workload } from './objects.ts';
import { isFullRun, tell } from './scale.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';
import { type Counts, countReviews, decisionsOf, recordTraffic, type TrafficRecorder } from './traffic.ts';

const options = { auditLog: true, disableAdmissionPlugins: ['ServiceAccount'] };

const replicas = isFullRun ? 100 : 20;
const surge = replicas / 4;
/** The number of writes of each kind, so that they are visible among the rest. */
const beats = 10;

const pods = '/api/v1/namespaces/shop/pods';
const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const merge = 'application/merge-patch+json';

describeWithControlPlane('calls', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let cluster: Cluster;
  let admin: Terminal;
  let traffic: TrafficRecorder;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -f -', namespace('shop'), { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
    await cluster.request('POST', leases, { body: { metadata: { name: 'node-1' }, spec: { renewTime: microTime() } } });
    traffic = await recordTraffic(controlPlane(), replica);
    tell(`calls, ${replicas} replicas: step | API writes of others | webhook calls`);
  });
  afterAll(async () => {
    await cluster.close();
    await installation.end();
  });

  it.each<[string, () => Promise<unknown>, Counts, Counts]>([
    [
      'created',
      () => admin.run('apply -f -', { ...workload('Deployment', 'web'), ...spec({ replicas }) }),
      { 'CREATE deployments': 1, 'CREATE pods': replicas, 'CREATE replicasets': 1 },
      { 'create apps/deployments': 1, 'create pods': replicas },
    ],
    ['made Ready through pods/status', makeReady, {}, { 'patch pods/status': replicas }],
    [
      'annotated, the Deployment and every Pod',
      async () => {
        await admin.run('annotate deployment web -n shop note=kept');
        await admin.run('annotate pods --all -n shop note=kept');
      },
      {},
      { 'patch apps/deployments': 1, 'patch pods': replicas },
    ],
    [
      'scaled up, by the subresource',
      async () => {
        await admin.run(`scale deployment web -n shop --replicas=${replicas + surge}`);
        await makeReady();
      },
      { 'CREATE pods': surge },
      { 'patch apps/deployments/scale': 1, 'create pods': surge, 'patch pods/status': surge },
    ],
    [
      'scaled down, by the object',
      () => cluster.request('PATCH', deployment, { contentType: merge, body: { spec: { replicas } } }),
      {},
      { 'patch apps/deployments': 1, 'delete pods': surge },
    ],
    [
      'drained of some Pods',
      async () => {
        for (const { metadata } of (await listPods()).slice(0, beats)) {
          const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name } };
          await cluster.request('POST', `${pods}/${metadata.name}/eviction`, { body });
        }
        await makeReady();
      },
      { 'CREATE pods': beats },
      { 'create pods/eviction': beats, 'create pods': beats },
    ],
    [
      `at work: ${beats} Lease renewals, node status, Pod status`,
      async () => {
        const beating = await listPods();
        for (let beat = 0; beat < beats; beat += 1) {
          const spec = { renewTime: microTime() };
          await cluster.request('PATCH', `${leases}/node-1`, { contentType: merge, body: { spec } });
          const addresses = [{ type: 'Hostname', address: `node-1-${beat}` }];
          await cluster.request('PATCH', '/api/v1/nodes/node-1/status', {
            contentType: merge,
            body: { status: { addresses } },
          });
          await patchStatus(beating[beat]?.metadata.name ?? '', { message: `beat ${beat}` });
        }
      },
      {},
      { 'patch nodes/status': beats, 'patch pods/status': beats },
    ],
    [
      'rolled to another image',
      async () => {
        await admin.run('set image deployment/web -n shop main=registry.example/main:2');
        await makeReady(':2');
      },
      { 'CREATE pods': replicas, 'CREATE replicasets': 1, 'UPDATE deployments': 1 },
      { 'patch apps/deployments': 1, 'create apps/replicasets': 1, 'create pods': replicas, 'delete pods': replicas },
    ],
    [
      'deleted',
      async () => {
        await admin.run('delete deployment web -n shop --cascade=foreground');
        await eventually('the Pods to be gone', async () => (await listPods()).length === 0);
      },
      {},
      { 'delete apps/deployments': 1, 'delete apps/replicasets': 2, 'delete pods': replicas },
    ],
  ])('%s', async (step, act, expectedCalls, expectedWrites) => {
    await act();
    if (step !== 'deleted') await eventually('the controllers to rest', hasSettled, 60_000);
    const { writes, calls, callsInVain } = await traffic.next();
    tell(`  ${step} | ${told(writes)} | ${told(calls)}`);
    expect(calls).toEqual(sumOf(expectedCalls, callsInVain));
    expect(writes).toMatchObject(expectedWrites);
  });

  it('and the API server has counted no other', async () => {
    const entry = (resource: string) => (['deployments', 'replicasets'].includes(resource) ? 'workloads' : resource);
    const ours = new Map<string, number>();
    for (const { resource, operation } of decisionsOf(replica)) {
      const kind = `${entry(String(resource).split('/')[0] ?? '')} ${String(operation)}`;
      ours.set(kind, (ours.get(kind) ?? 0) + 1);
    }
    // Ringfence itself causes the proofs of reach. No write of others causes one.
    const { 'reach CREATE': proofs, ...reviews } = await countReviews(controlPlane());
    expect(reviews).toEqual(Object.fromEntries(ours));
    expect(proofs).toBeGreaterThan(0);
  });

  async function listPods(): Promise<readonly (StoredObject & { readonly status: PodStatus })[]> {
    const list = await cluster.request<{ items: (StoredObject & { status: PodStatus })[] }>('GET', pods);
    return list.items;
  }

  function patchStatus(name: string, status: object): Promise<unknown> {
    return cluster.request('PATCH', `${pods}/${name}/status`, { contentType: merge, body: { status } });
  }

  /**
   * Plays the kubelet of every Pod until the Deployment has what it wants; with an image, until all
   * Pods have that image.
   */
  async function makeReady(image = ''): Promise<void> {
    await eventually(
      'every Pod to be Ready',
      async () => {
        for (const { metadata, status } of await listPods()) {
          if (status.phase === 'Running') continue;
          const conditions = [{ type: 'Ready', status: 'True' }];
          // A rollout may have deleted it in the meantime.
          await patchStatus(metadata.name, { phase: 'Running', conditions }).catch(() => undefined);
        }
        const all = await listPods();
        return (await hasSettled(true)) && all.every(({ spec }) => JSON.stringify(spec).includes(image));
      },
      60_000,
    );
  }

  /**
   * Whether the Deployment has as many Pods as it wants, all of its newest template, and its status
   * shows this.
   */
  async function hasSettled(needsReady = false): Promise<boolean> {
    const { metadata, spec, status } = await cluster.request<DeploymentState>('GET', deployment);
    const wanted = spec.replicas;
    const isUpToDate = status.observedGeneration === metadata.generation && status.replicas === wanted;
    const isReady = !needsReady || status.readyReplicas === wanted;
    return isUpToDate && isReady && status.updatedReplicas === wanted && (await listPods()).length === wanted;
  }
});

interface PodStatus {
  readonly phase?: string;
}

interface DeploymentState {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

function spec(more: object): { readonly spec: object } {
  return { spec: { ...(workload('Deployment', 'web')['spec'] as object), ...more } };
}

/** meta/v1 MicroTime. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

function sumOf(one: Counts, other: Counts): Counts {
  const sum = new Map(Object.entries(one));
  for (const [kind, times] of Object.entries(other)) sum.set(kind, (sum.get(kind) ?? 0) + times);
  return Object.fromEntries(sum);
}

function told(counts: Counts): string {
  return (
    Object.entries(counts)
      .map(([kind, times]) => `${kind} ${times}`)
      .join(', ') || 'none'
  );
}
