import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import type { ObjectMeta, RawNamespace } from '../../src/kubernetes/object-meta.ts';
import {
  createObjectStore,
  type Changed as ObjectChanged,
  type ObjectStore,
  type StoredObject,
} from '../api-server/object-store.ts';
import type { Author } from './truth.ts';

export type Resource = 'namespaces' | 'networkpolicies';

/** A change, for the history of watches and for the truth of the invariants. */
export interface Changed {
  readonly resource: Resource;
  readonly type: ObjectChanged['type'];
  readonly object: RawNamespace | NetworkPolicy;
  readonly namespace: string;
  readonly by: Author;
}

/**
 * The content of etcd, with the author of each change. It handles deletion with finalizers. The API
 * server decides who may do what.
 */
export interface Store extends Pick<ObjectStore, 'version'> {
  readonly namespaces: ReadonlyMap<string, RawNamespace>;
  readonly policies: ReadonlyMap<string, NetworkPolicy>;
  /** Creates a namespace, or changes its metadata. */
  putNamespace(name: string, metadata: Partial<ObjectMeta>, by: Author): RawNamespace;
  removeNamespace(name: string): void;
  putPolicy(namespace: string, name: string, change: PolicyChange, by: Author): NetworkPolicy;
  removePolicy(namespace: string, name: string, by: Author): void;
  /** A merge patch by a replica. Throws as the object store does. */
  patchPolicy(key: string, change: object): StoredObject;
  apply(policy: NetworkPolicy, by: Author): NetworkPolicy;
}

export interface PolicyChange {
  readonly spec?: unknown;
  readonly metadata?: Partial<ObjectMeta>;
}

export function createStore(onChange: (change: Changed) => void): Store {
  let author: Author = 'people';
  const objects = createObjectStore(({ type, resource, object }) => {
    const { name = '', namespace = name } = object.metadata;
    onChange({ type, resource: resource as Resource, object, namespace, by: author });
  });
  const namespaces: ReadonlyMap<string, RawNamespace> = objects.all('namespaces');
  const policies = objects.all('networkpolicies') as unknown as ReadonlyMap<string, NetworkPolicy>;

  return {
    namespaces,
    policies,
    version: objects.version,
    putNamespace(name, change, by) {
      author = by;
      const metadata = { ...namespaces.get(name)?.metadata, ...change, name };
      const phase = metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating';
      const namespace = { metadata, status: { phase } };
      return objects.put('namespaces', name, namespace);
    },
    removeNamespace(name) {
      author = 'cluster';
      objects.remove('namespaces', name);
    },
    putPolicy(namespace, name, { spec, metadata = {} }, by) {
      author = by;
      const key = `${namespace}/${name}`;
      const previous = policies.get(key);
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { ...previous?.metadata, ...metadata, namespace, name },
        spec: spec ?? previous?.spec,
      };
      return objects.put('networkpolicies', key, policy) as unknown as NetworkPolicy;
    },
    removePolicy(namespace, name, by) {
      author = by;
      objects.remove('networkpolicies', `${namespace}/${name}`);
    },
    patchPolicy(key, change) {
      author = 'replica';
      return objects.patch('networkpolicies', key, change);
    },
    apply(policy, by) {
      author = by;
      const { namespace, name } = policy.metadata;
      return objects.apply('networkpolicies', `${namespace}/${name}`, policy) as unknown as NetworkPolicy;
    },
  };
}
