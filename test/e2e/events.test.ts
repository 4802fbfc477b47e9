// Events on a real API server, with the rights in the manifests: on which object they are, what
// kubectl shows, and what they cost.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { events, namespaces, owners } from '../../src/cluster/resources.ts';
import type { Occurrence } from '../../src/events/occurrence.ts';
import { createRecorder, type Recorder } from '../../src/events/recorder.ts';
import type { WorkloadKind } from '../../src/kubernetes/kinds.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyManifests, eventually, ownNamespace } from './installation.ts';
import { namespace, workload } from './objects.ts';
import { tell } from './scale.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { kindOf, ownUser } from './traffic.ts';

describeWithControlPlane('events', { auditLog: true }, (controlPlane) => {
  let admin: Terminal;
  let cluster: Cluster;
  const outcomes: string[] = [];
  const reasons: object[] = [];

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await applyManifests(controlPlane(), 'observe');
    cluster = connect({ kubeconfig: await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence') });
    await admin.run('apply -f -', namespace('shop'), ...made.map((kind) => workload(kind, kind.toLowerCase())));
    await admin.run('create job nightly -n shop --from=cronjob/cronjob');
  });
  afterAll(() => cluster.close());

  it('of a ReplicaSet that tries twenty times is one, on its Deployment, for two calls that write', async () => {
    const owner = await eventually('the ReplicaSet', () => ownerOf('Deployment', 'deployment'));
    const recorder = open();
    for (let attempt = 1; attempt <= 20; attempt += 1) recorder.record(refusedPod([owner], attempt));
    await recorder.idle();
    expect(await eventsOf('Deployment', 'deployment')).toMatchObject([
      { count: 20, type: 'Warning', reason: 'Denied', message: expect.stringContaining('Pod shop/pod-20: 1 label') },
    ]);
    recorder.record(refusedPod([owner], 21));
    recorder.stop();
    await recorder.idle();
    expect(await eventsOf('Deployment', 'deployment')).toMatchObject([{ count: 21 }]);
    const described = await admin.run('describe deployment deployment -n shop');
    expect(described).toMatch(
      /Warning +Denied .*\(x21 over .*ringfence +Pod shop\/pod-21: 1 label keeps it out \| team/,
    );
    const writes = (await ourCalls()).filter((call) => call.endsWith(' events'));
    tell(`events: 21 refusals, ${writes.join(', ')}`);
    expect(writes).toEqual(['create events', 'patch events']);
  });

  it.each([
    ['a Job', 'Job', 'CronJob'],
    ['a StatefulSet', 'StatefulSet', 'StatefulSet'],
    ['a DaemonSet', 'DaemonSet', 'DaemonSet'],
    ['a ReplicationController', 'ReplicationController', 'ReplicationController'],
  ] as const)('of a Pod of %s stands on what a person looks at', async (_, kind, shown) => {
    await record(refusedPod([await reference(kind, kind === 'Job' ? 'nightly' : kind.toLowerCase())]));
    expect(await eventsOf(shown, shown.toLowerCase())).toMatchObject([{ count: 1 }]);
  });

  it.each([
    ['a ReplicaSet that a Deployment makes', 'ReplicaSet', 'Deployment'],
    ['a Job that a CronJob makes', 'Job', 'CronJob'],
  ] as const)('of %s stands on its maker', async (_, kind, maker) => {
    const owner = await reference(maker, maker.toLowerCase());
    const message = `${kind} shop/made: 3 labels of its pod template keep it out`;
    await record({ ...refusedPod([owner]), kind, name: 'made', message });
    expect(await eventsOf(maker, maker.toLowerCase())).toContainEqual(expect.objectContaining({ message, count: 1 }));
  });

  it('of an owner that is only claimed stands on the namespace, where people look', async () => {
    const owner = await reference('StatefulSet', 'statefulset');
    const forged = [
      { ...owner, uid: '00000000-0000-0000-0000-000000000000' },
      { ...owner, name: 'nothing' },
      { ...owner, kind: 'DaemonSet' },
    ];
    const before = await eventsOf('StatefulSet', 'statefulset');
    await record(...forged.map((each) => refusedPod([each])));
    expect(await eventsOf('Namespace', 'shop')).toMatchObject([{ count: 3 }]);
    expect(await eventsOf('StatefulSet', 'statefulset')).toEqual(before);
    expect(await admin.run('get events -n shop')).toMatch(/Warning +Denied +namespace\/shop +Pod shop\/pod-1: 1 label/);
    expect(await admin.run('events -n shop --for namespace/shop')).toMatch(/\(x3 over .*Denied +Namespace\/shop/);
  });

  it('of a Namespace stands on it, once it is there; of one that never was, in the namespace default', async () => {
    const message = 'Namespace lab: ada may claim team:shop';
    await admin.run('apply -f -', namespace('lab'));
    await record({ ...refusedNamespace('lab'), reason: 'PermissionUsed', message }, refusedNamespace('never'));
    expect(await eventsOf('Namespace', 'lab', 'lab')).toMatchObject([
      { type: 'Normal', reason: 'PermissionUsed', message },
    ]);
    expect(await eventsOf('Namespace', 'never', 'default')).toMatchObject([{ type: 'Warning', reason: 'Denied' }]);
  });

  it('of two replicas is one', async () => {
    const replicas = [open(), open()];
    const message = 'NetworkPolicy shop/open: 1 finding keeps it out';
    const refused = { ...refusedPod([]), kind: 'NetworkPolicy', name: 'open', message };
    for (let attempt = 0; attempt < 10; attempt += 1) for (const replica of replicas) replica.record(refused);
    await Promise.all(replicas.map((replica) => replica.idle()));
    const told = (await eventsOf('Namespace', 'shop')).filter((event) => event.message === message);
    expect(told).toMatchObject([{ count: 20 }]);
  });

  it('is as long as it may be, under both names of the API', async () => {
    const message = `Pod shop/long: ${'ü'.repeat(2_000)}`;
    await record({ ...refusedPod([]), message });
    const notes = await admin.get<{ items: readonly { readonly note: string }[] }>('events.v1.events.k8s.io -n shop');
    const long = notes.items.find(({ note }) => note.startsWith('Pod shop/long'));
    expect(Buffer.byteLength(long?.note ?? '')).toBeGreaterThan(1_020);
    expect(Buffer.byteLength(long?.note ?? '')).toBeLessThanOrEqual(1_024);
  });

  it('costs no write in a namespace that ends or is gone', async () => {
    await admin.run('apply -f -', namespace('ending'), held);
    await admin.run('delete namespace ending --wait=false');
    const before = (await ourCalls()).filter((call) => call.endsWith(' events')).length;
    await record({ ...refusedPod([]), namespace: 'ending' }, { ...refusedPod([]), namespace: 'gone' });
    expect((await ourCalls()).filter((call) => call.endsWith(' events'))).toHaveLength(before);
    expect(outcomes.slice(-2)).toEqual(['dropped', 'dropped']);
  });

  it('needs no more than the manifests grant', async () => {
    const forbidden = (await controlPlane().auditEvents()).filter(
      ({ user, responseStatus }) => user.username === ownUser && responseStatus?.code === 403,
    );
    expect(forbidden.map(kindOf)).toEqual([]);
    expect(reasons).toEqual([]);
  });

  it('outlives the API server', async () => {
    const recorder = open();
    await controlPlane().stopApiServer();
    recorder.record(refusedNamespace('outage'));
    await controlPlane().startApiServer();
    await eventually(
      'the Event',
      async () => {
        recorder.record(refusedNamespace('outage'));
        return (await eventsOf('Namespace', 'outage', 'default')).length === 1;
      },
      60_000,
    );
    recorder.stop();
    await recorder.idle();
  });

  function open(): Recorder {
    return createRecorder({
      events: events(cluster),
      owners: owners(cluster),
      namespaces: namespaces(cluster),
      log: { warn: (details) => reasons.push(details) },
      metrics: { recorded: (outcome) => outcomes.push(outcome) },
    });
  }

  /** Records from a separate process, which ends properly. */
  async function record(...occurrences: readonly Occurrence[]): Promise<void> {
    const recorder = open();
    for (const occurrence of occurrences) recorder.record(occurrence);
    await recorder.idle();
    recorder.stop();
  }

  async function eventsOf(kind: string, name: string, place = 'shop'): Promise<readonly ShownEvent[]> {
    const { items } = await admin.get<{ items: readonly ShownEvent[] }>(
      `events -n ${place} --field-selector involvedObject.kind=${kind},involvedObject.name=${name},source=ringfence`,
    );
    return items;
  }

  /** Returns a controlling ownerReference to an existing object. */
  async function reference(kind: WorkloadKind, name: string): Promise<object> {
    const { metadata, apiVersion } = await admin.get<Shown>(`${kind} ${name} -n shop`);
    return { apiVersion, kind, name, uid: metadata.uid, controller: true };
  }

  /** Returns a reference to the ReplicaSet that a Deployment controls. */
  async function ownerOf(kind: string, name: string): Promise<object | undefined> {
    const { items } = await admin.get<{ items: readonly Shown[] }>('replicasets -n shop');
    const found = items.find(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.kind === kind && owner.name === name),
    );
    return found === undefined ? undefined : reference('ReplicaSet', found.metadata.name);
  }

  async function ourCalls(): Promise<string[]> {
    return (await controlPlane().auditEvents()).filter(({ user }) => user.username === ownUser).map(kindOf);
  }
});

/** CronJob comes first, because a Job is made from it. */
const made = ['CronJob', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicationController'] as const;

interface ShownEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

interface Shown {
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

/** This object keeps its namespace from ending. */
const held = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'held', namespace: 'ending', finalizers: ['example.com/held'] },
};

function refusedPod(owners: unknown, number = 1): Occurrence {
  return {
    reason: 'Denied',
    uid: `review-${number}`,
    kind: 'Pod',
    namespace: 'shop',
    name: `pod-${number}`,
    owners,
    checks: ['required-labels'],
    message: `Pod shop/pod-${number}: 1 label keeps it out\n  team  missing  [required-labels]`,
  };
}

function refusedNamespace(name: string): Occurrence {
  const message = `Namespace ${name}: 3 labels keep it out`;
  return {
    reason: 'Denied',
    uid: 'review',
    kind: 'Namespace',
    namespace: name,
    name,
    owners: undefined,
    checks: [],
    message,
  };
}
