import type { Occurrence } from '../../src/events/occurrence.ts';
import type { EventChange, EventWriter, NamespaceGetter, NewEvent, OwnerGetter } from '../../src/events/ports.ts';
import { createObjectStore, lifecycleRefusal } from '../api-server/object-store.ts';

/** A refused Pod of the ReplicaSet `web-7d4`. `over` overrides its fields. */
export function occurrence(over: Partial<Occurrence> = {}): Occurrence {
  return {
    reason: 'Denied',
    uid: 'uid-review',
    kind: 'Pod',
    namespace: 'shop',
    name: 'web-7d4-abcde',
    owners: [reference('ReplicaSet', 'web-7d4')],
    checks: ['required-labels'],
    message: `Pod shop/${over.name ?? 'web-7d4-abcde'}: 1 label keeps it out\n  team  missing  [required-labels]`,
    ...over,
  };
}

/** A controlling ownerReference. The default uid is the name's. */
export function reference(kind: string, name: string, over: object = {}): object {
  return { apiVersion: versions[kind] ?? 'apps/v1', kind, name, uid: `uid-${name}`, controller: true, ...over };
}

const versions: Readonly<Record<string, string>> = {
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  ReplicationController: 'v1',
};

export interface Kept extends Omit<NewEvent, 'metadata'> {
  readonly metadata: NewEvent['metadata'] & { readonly resourceVersion: string };
}

/**
 * The Events, workloads and namespaces of an API server in memory: Deployment `web` above
 * ReplicaSet `web-7d4`, CronJob `nightly` above Job `nightly-1`, StatefulSet `db`, namespaces
 * `shop` and `default`.
 */
export function createEventsDouble() {
  const store = createObjectStore();
  const kept = store.all('events') as unknown as Map<string, Kept>;
  const calls: string[] = [];
  const workloads = new Map<string, readonly object[]>([
    ['Deployment shop/web', []],
    ['ReplicaSet shop/web-7d4', [reference('Deployment', 'web')]],
    ['StatefulSet shop/db', []],
    ['CronJob shop/nightly', []],
    ['Job shop/nightly-1', [reference('CronJob', 'nightly')]],
  ]);
  const places = new Map<string, { uid: string; deletionTimestamp?: string }>([
    ['shop', { uid: 'uid-shop' }],
    ['default', { uid: 'uid-default' }],
  ]);
  /** Called before each call is answered, to fail or to wait. */
  const hooks: { before: (call: string) => Promise<void> | void } = { before: () => undefined };
  async function answer(call: string): Promise<void> {
    calls.push(call);
    await hooks.before(call);
  }

  const events: EventWriter = {
    async create(event) {
      const { namespace, name } = event.metadata;
      await answer(`create ${namespace}`);
      const place = places.get(namespace);
      const refused = lifecycleRefusal(namespace, place === undefined ? undefined : { metadata: place });
      if (refused !== undefined) throw refused;
      return store.create('events', `${namespace}/${name}`, event);
    },
    async patch(namespace, name, change: EventChange) {
      await answer(`patch ${namespace}${Object.keys(change).length === 0 ? ' with nothing' : ''}`);
      return store.patch('events', `${namespace}/${name}`, change);
    },
  };
  const owners: OwnerGetter = {
    async get(kind, namespace, name) {
      await answer(`get ${kind} ${name}`);
      const ownerReferences = workloads.get(`${kind} ${namespace}/${name}`);
      return ownerReferences === undefined ? undefined : { metadata: { uid: `uid-${name}`, ownerReferences } };
    },
  };
  const namespaces: NamespaceGetter = {
    async get(name) {
      await answer(`get Namespace ${name}`);
      const metadata = places.get(name);
      return metadata === undefined ? undefined : { metadata };
    },
  };
  return {
    ports: { events, owners, namespaces },
    calls,
    hooks,
    workloads,
    places,
    /** Removes all Events, as the API server does after a time. */
    forget: () => kept.clear(),
    all: () => [...kept.values()],
    /** Returns `Kind name xCOUNT` of every Event, in the order of their creation. */
    seen: () => [...kept.values()].map(({ involvedObject: { kind, name }, count }) => `${kind} ${name} x${count}`),
    writes: () => calls.filter((call) => /^(create|patch) \w+$/.test(call)),
  };
}
