import { expect, it } from 'vitest';
import { createGate } from '../../src/baseline/gate.ts';
import type { NamespaceView } from '../../src/baseline/namespace.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import { connect } from '../../src/cluster/connection.ts';
import { namespaces, networkPolicies } from '../../src/cluster/resources.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';

const wall = 'deny-all-baseline';
const pod = { ensure: true, dryRun: false };
const config: Config = defaultConfig({ version: '1', ownNamespace: undefined });

/** The code of the baseline with the real adapters, as the administrator and without a webhook. */
async function setUp(controlPlane: ControlPlane, name: string) {
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  const policies = networkPolicies(cluster);
  const calls = { namespaces: namespaces(cluster), policies, liveVersion: async () => config.version, now: Date.now };
  const cached = new Map<string, NamespaceView>();
  const gate = createGate(
    { ...calls, cachedNamespace: (of) => cached.get(of), onDrift: () => undefined },
    () => config,
  );
  const kubectl = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await controlPlane.kubectl(args);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  await kubectl('create', 'namespace', name);
  await kubectl('label', 'namespace', name, 'env=prod', 'tier=web', 'team=shop', 'ringfence.dev/fence=true');
  return {
    gate,
    kubectl,
    policies,
    reconcile: createReconciler(calls, () => config),
    /** Changes the wall past Ringfence, as somebody else would. */
    patch: (patch: object) =>
      kubectl('-n', name, 'patch', 'networkpolicy', wall, '--type=merge', `--patch=${JSON.stringify(patch)}`),
    async remember() {
      const raw = await calls.namespaces.get(name);
      if (raw !== undefined) cached.set(name, readNamespace(raw));
    },
    close: () => cluster.close(),
  };
}

// Without controllers, nobody but the tests writes: no garbage collector, no end of a namespace.
const options = { controllers: false, disableAdmissionPlugins: ['ServiceAccount'] };

describeWithControlPlane('the baseline on a real API server', options, (controlPlane) => {
  it('is made by the gate, and equal from then on: nothing writes it again', async () => {
    const world = await setUp(controlPlane(), 'made');
    expect(await world.gate.facts('made', pod)).toMatchObject({ wall: 'made' });
    const before = await world.policies.get('made', wall);
    await world.remember();
    expect(await world.gate.facts('made', pod)).toMatchObject({ wall: 'there' });
    expect(await world.reconcile('made')).toBe('equal');
    expect((await world.policies.get('made', wall))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
    await world.close();
  });

  it('is true again after each way of spoiling it, in one reconciliation', async () => {
    const world = await setUp(controlPlane(), 'spoilt');
    await world.reconcile('spoilt');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'f4d1a2a0-0000-4000-8000-000000000000' };
    for (const spoil of [
      () => world.patch({ spec: { ingress: [{}] } }),
      () => world.patch({ spec: { policyTypes: ['Ingress'], egress: null } }),
      () => world.patch({ spec: { podSelector: { matchLabels: { app: 'none' } } } }),
      () => world.patch({ spec: { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } } }),
      () => world.patch({ metadata: { labels: { env: 'dev', expose: 'true', internal: 'true' } } }),
      () => world.patch({ metadata: { labels: null } }),
      () => world.patch({ metadata: { ownerReferences: [owner] } }),
      () =>
        world.patch({ spec: { egress: [{}] }, metadata: { ownerReferences: [owner], labels: { internal: 'true' } } }),
      () => world.kubectl('-n', 'spoilt', 'delete', 'networkpolicy', wall),
      () => world.kubectl('label', 'namespace', 'spoilt', 'tier-', 'team=other', '--overwrite'),
    ]) {
      await spoil();
      expect(await world.reconcile('spoilt')).toBe('repaired');
      expect(await world.reconcile('spoilt')).toBe('equal');
    }
    const { labels } = (await world.policies.get('spoilt', wall))?.metadata ?? {};
    expect(labels).toEqual({ 'app.kubernetes.io/managed-by': 'ringfence', env: 'prod', team: 'other' });
    await world.close();
  });

  it('takes over a wide policy that someone made under its name beforehand', async () => {
    const world = await setUp(controlPlane(), 'taken');
    const wide = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: wall, namespace: 'taken', labels: { sensitivity: 'low' } },
      spec: { podSelector: {}, ingress: [{}], egress: [{}] },
    };
    const made = await controlPlane().kubectl(['create', '-f', '-'], { input: JSON.stringify(wide) });
    expect(made.exitCode).toBe(0);
    expect(await world.gate.facts('taken', pod)).toMatchObject({ wall: 'made' });
    expect(await world.reconcile('taken')).toBe('equal');
    await world.close();
  });

  it('is made by eight replicas at the same instant', async () => {
    const worlds = await Promise.all(
      Array.from({ length: 8 }, async (_, replica) => setUp(controlPlane(), `other-${replica}`)),
    );
    // Their connections are open when the race begins: a read of the gate may take a second.
    for (const [replica, world] of worlds.entries()) await world.reconcile(`other-${replica}`);
    await worlds[0]?.kubectl('create', 'namespace', 'race');
    await worlds[0]?.kubectl('label', 'namespace', 'race', 'env=prod', 'tier=web', 'team=shop', 'ringfence.dev/fence=');
    const states = await Promise.all(
      worlds.flatMap((world) => [world.gate.facts('race', pod), world.reconcile('race').then(() => undefined)]),
    );
    for (const state of states) if (state !== undefined) expect(state).toMatchObject({ fenced: true });
    expect(await worlds[0]?.reconcile('race')).toBe('equal');
    await Promise.all(worlds.map((world) => world.close()));
  });

  it('is not wanted in a namespace that ends, or is gone', async () => {
    const world = await setUp(controlPlane(), 'ending');
    // Without its controller, the namespace stays terminating.
    await world.kubectl('delete', 'namespace', 'ending', '--wait=false');
    expect(await world.reconcile('ending')).toBe('terminating');
    expect(await world.gate.facts('ending', pod)).toMatchObject({ wall: 'terminating' });
    expect(await world.reconcile('nowhere')).toBe('absent');
    expect(await world.gate.facts('nowhere', pod)).toEqual({ exists: false });
    await world.close();
  });
});
