import type { ObjectMeta } from '../../src/kubernetes/object-meta.ts';
import type { Random } from './random.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The acts of people with permissions on namespaces and baselines, and of the cluster's own
 * controllers after them.
 */
export interface People {
  /** Creates a namespace. Returns false if the name is taken. */
  createNamespace(name: string, labels?: Labels): boolean;
  /**
   * Deletes a namespace, its content first. With `again`, it then creates another under its name,
   * this many milliseconds later.
   */
  deleteNamespace(name: string, again?: { readonly afterMs: number; readonly created: () => void }): void;
  relabel(name: string): void;
  mark(name: string, isMarked: boolean): void;
  setMode(name: string, mode: string | undefined): void;
  /** Deletes, opens or damages one half of a baseline. Returns false if it does not exist. */
  breach(name: string, kinds?: readonly BreachKind[]): boolean;
  /** Returns the labels of a Pod that fits a namespace now. */
  podLabels(namespace: string): Labels;
}

export type BreachKind = (typeof breaches)[number];
const breaches = ['delete', 'open', 'empty', 'own', 'finalize', 'labels', 'foreign'] as const;

const fenceMark = 'ringfence.dev/fence';
const modeLabel = 'ringfence.dev/mode';
const open = [{}];
const somebody = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' };

export function createPeople(parts: {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly cluster: Owner;
  readonly trace: Trace;
}): People {
  const { store, scheduler, random, cluster, trace } = parts;
  const identity = (): Labels => ({
    env: random.pick(['prod', 'staging', 'dev']),
    tier: random.pick(['web', 'api', 'data', 'cache']),
    team: random.pick(['shop', 'pay']),
    ...(random.chance(0.3) ? { sensitivity: random.pick(['high', 'low']) } : {}),
  });

  function change(name: string, what: string, make: (labels: Labels) => Labels): void {
    const found = store.namespaces.get(name);
    if (found === undefined) return;
    trace(() => `${what} ${name}`);
    store.putNamespace(name, { labels: make(found.metadata.labels ?? {}) }, 'people');
  }

  function without(labels: Labels, key: string): Labels {
    return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== key));
  }

  function createNamespace(name: string, given?: Labels): boolean {
    if (store.namespaces.has(name)) return false;
    const mode = random.chance(0.08) ? { [modeLabel]: 'warn' } : {};
    const labels = given ?? { ...identity(), ...mode, ...(random.chance(0.9) ? { [fenceMark]: 'true' } : {}) };
    trace(() => `create ${name} ${JSON.stringify(labels)}`);
    store.putNamespace(name, { labels }, 'people');
    return true;
  }

  /**
   * The namespace controller: it deletes the content and, when a look finds none, the namespace.
   */
  function takeDown(name: string, paceMs: number, onGone: () => void): void {
    const left = [...store.policies.values()].filter(({ metadata }) => metadata.namespace === name);
    if (left.length === 0) {
      trace(() => `${name} is gone`);
      store.removeNamespace(name);
      onGone();
      return;
    }
    for (const { metadata } of left) {
      trace(() => `takes ${name}/${metadata.name} down`);
      store.removePolicy(name, metadata.name ?? '', 'cluster');
    }
    scheduler.after(random.wait(paceMs), cluster, () => takeDown(name, paceMs, onGone));
  }

  function removeLater(
    namespace: string,
    policy: string,
    afterMs: number,
    isStill: (metadata: ObjectMeta) => boolean,
  ): void {
    scheduler.after(afterMs, cluster, () => {
      const metadata = store.policies.get(`${namespace}/${policy}`)?.metadata;
      if (metadata === undefined || !isStill(metadata)) return;
      trace(() => `${namespace}/${policy} is collected`);
      store.removePolicy(namespace, policy, 'cluster');
    });
  }

  return {
    createNamespace,
    deleteNamespace(name, again) {
      const found = store.namespaces.get(name);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      trace(() => `delete ${name}`);
      store.putNamespace(name, { deletionTimestamp: '2026-01-01T00:00:00Z' }, 'people');
      const paceMs = random.pick([1, 30]);
      scheduler.after(random.wait(paceMs), cluster, () =>
        takeDown(name, paceMs, () => {
          if (again === undefined) return;
          scheduler.after(again.afterMs, cluster, () => {
            if (createNamespace(name, random.chance(0.5) ? found.metadata.labels : undefined)) again.created();
          });
        }),
      );
    },
    relabel: (name) => change(name, 'relabel', (labels) => ({ ...labels, ...identity() })),
    mark: (name, isMarked) =>
      change(name, isMarked ? 'mark' : 'unmark', (labels) =>
        isMarked ? { ...labels, [fenceMark]: 'true' } : without(labels, fenceMark),
      ),
    setMode: (name, mode) =>
      change(name, `mode ${mode} of`, (labels) =>
        mode === undefined ? without(labels, modeLabel) : { ...labels, [modeLabel]: mode },
      ),
    breach(namespace, kinds = breaches) {
      const name = random.chance(0.75) ? 'deny-all-baseline' : 'allow-dns-egress';
      const found = store.policies.get(`${namespace}/${name}`);
      if (found === undefined) return false;
      const kind = random.pick(kinds);
      trace(() => `breach of ${namespace}/${name}: ${kind}`);
      const put = (metadata: Partial<ObjectMeta>, spec: unknown = found.spec): unknown =>
        store.putPolicy(namespace, name, { metadata, spec }, 'people');
      if (kind === 'delete') store.removePolicy(namespace, name, 'people');
      else if (kind === 'open') put({}, { ...found.spec, ingress: open });
      else if (kind === 'empty') put({}, { podSelector: {}, policyTypes: ['Ingress'] });
      else if (kind === 'labels') put({ labels: { ...found.metadata.labels, env: 'nowhere' } });
      else if (kind === 'foreign') put({ annotations: { ...found.metadata.annotations, note: 'ours' } });
      else if (kind === 'own') {
        // The garbage collector deletes an object whose owner does not exist.
        put({ ownerReferences: [somebody] });
        removeLater(
          namespace,
          name,
          random.between(200, 4_000),
          ({ ownerReferences = [] }) => ownerReferences.length > 0,
        );
      } else {
        put({ deletionTimestamp: '2026-01-01T00:00:00Z' });
        removeLater(
          namespace,
          name,
          random.between(10, 2_000),
          ({ deletionTimestamp }) => deletionTimestamp !== undefined,
        );
      }
      return true;
    },
    podLabels: (namespace) => {
      const { env = 'dev', tier = 'web', team = 'shop' } = store.namespaces.get(namespace)?.metadata.labels ?? {};
      return { env, tier, team, expose: 'false' };
    },
  };
}
