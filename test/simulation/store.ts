import type { RawNamespace } from '../../src/baseline/ports.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import type { ObjectMeta } from '../../src/kubernetes/object-meta.ts';
import type { Author } from './truth.ts';

export type Resource = 'namespaces' | 'networkpolicies';
export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What every change is told to: the history of a watch, and the truth that the invariants ask. */
export interface Changed {
  readonly resource: Resource;
  readonly type: Change;
  readonly object: RawNamespace | NetworkPolicy;
  readonly namespace: string;
  readonly by: Author;
}

/**
 * What etcd holds: objects that are never changed in place, and one version for all of them that rises with each write. Deletion with finalizers,
 * server-side apply by one manager and merge patches are here; who may do what, and when, is the API server's.
 */
export interface Store {
  readonly namespaces: ReadonlyMap<string, RawNamespace>;
  readonly policies: ReadonlyMap<string, NetworkPolicy>;
  version(): number;
  /** Creates a namespace, or gives one other metadata. */
  putNamespace(name: string, metadata: Partial<ObjectMeta>, by: Author): RawNamespace;
  removeNamespace(name: string): void;
  putPolicy(namespace: string, name: string, change: PolicyChange, by: Author): NetworkPolicy;
  removePolicy(namespace: string, name: string, by: Author): void;
  /** Server-side apply, forced: takes away the labels that the last apply had and this one has not. */
  apply(policy: NetworkPolicy, by: Author): NetworkPolicy;
}

export interface PolicyChange {
  readonly spec?: unknown;
  readonly metadata?: Partial<ObjectMeta>;
}

export function createStore(onChange: (change: Changed) => void): Store {
  const namespaces = new Map<string, RawNamespace>();
  const policies = new Map<string, NetworkPolicy>();
  const appliedLabels = new Map<string, readonly string[]>();
  let version = 100;

  function next(): string {
    version += 1;
    return String(version);
  }

  function storePolicy(key: string, spec: unknown, given: ObjectMeta, by: Author): NetworkPolicy {
    const previous = policies.get(key);
    const resourceVersion = next();
    const metadata = { ...given, uid: previous?.metadata.uid ?? `policy-${resourceVersion}`, resourceVersion };
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec } as NetworkPolicy;
    policies.set(key, policy);
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    onChange({ resource: 'networkpolicies', type, object: policy, namespace: given.namespace ?? '', by });
    return policy;
  }

  return {
    namespaces,
    policies,
    version: () => version,
    putNamespace(name, change, by) {
      const previous = namespaces.get(name);
      const resourceVersion = next();
      const uid = previous?.metadata.uid ?? `namespace-${resourceVersion}`;
      const metadata = { ...previous?.metadata, ...change, name, uid, resourceVersion };
      const object = {
        metadata,
        status: { phase: metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating' },
      };
      namespaces.set(name, object);
      onChange({
        resource: 'namespaces',
        type: previous === undefined ? 'ADDED' : 'MODIFIED',
        object,
        namespace: name,
        by,
      });
      return object;
    },
    removeNamespace(name) {
      const previous = namespaces.get(name);
      if (previous === undefined) return;
      namespaces.delete(name);
      const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: next() } };
      onChange({ resource: 'namespaces', type: 'DELETED', object, namespace: name, by: 'cluster' });
    },
    putPolicy(namespace, name, { spec, metadata = {} }, by) {
      const key = `${namespace}/${name}`;
      const previous = policies.get(key);
      return storePolicy(key, spec ?? previous?.spec, { ...previous?.metadata, ...metadata, namespace, name }, by);
    },
    removePolicy(namespace, name, by) {
      const key = `${namespace}/${name}`;
      const previous = policies.get(key);
      if (previous === undefined) return;
      policies.delete(key);
      appliedLabels.delete(key);
      const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: next() } };
      onChange({ resource: 'networkpolicies', type: 'DELETED', object, namespace, by });
    },
    apply(policy, by) {
      const { namespace = '', name = '', labels = {}, annotations } = policy.metadata;
      const key = `${namespace}/${name}`;
      const previous = policies.get(key);
      const kept: Record<string, string> = { ...previous?.metadata.labels };
      for (const label of appliedLabels.get(key) ?? []) if (!(label in labels)) delete kept[label];
      appliedLabels.set(key, Object.keys(labels));
      const metadata = {
        ...previous?.metadata,
        ...policy.metadata,
        labels: { ...kept, ...labels },
        annotations: { ...previous?.metadata.annotations, ...annotations },
      };
      // Fields that the apply does not name stay: others own them.
      return storePolicy(key, { ...previous?.spec, ...policy.spec }, metadata, by);
    },
  };
}
