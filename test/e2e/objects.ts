// Objects as people write them, for kubectl's standard input. They are right in namespace `shop`
// unless a test changes them.
import type { WorkloadKind } from '../../src/kubernetes/kinds.ts';

/** An object in wire form. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

type LabelMap = Readonly<Record<string, string>>;

export const namespaceLabels = { env: 'prod', tier: 'api', team: 'shop' } as const;
export const podLabels = { ...namespaceLabels, expose: 'false' } as const;

/** Returns a Namespace. The default labels are those of `shop`. */
export function namespace(name: string, labels: LabelMap = namespaceLabels): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Returns a Pod. `spec` overrides the fields of a spec with one container. */
export function pod(name: string, labels: LabelMap = podLabels, spec: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { ...podSpec, ...spec },
  };
}

/** Returns a workload without replicas. `labels` are those of its pod template, which is judged. */
export function workload(kind: WorkloadKind, name: string, labels: LabelMap = podLabels, spec: object = {}): Manifest {
  const metadata = { name, namespace: 'shop' };
  const labelled = { app: name, ...labels };
  const selector = { matchLabels: { app: name } };
  const template = { metadata: { labels: labelled }, spec: { ...podSpec, ...spec } };
  const once = { metadata: { labels: labelled }, spec: { ...podSpec, ...spec, restartPolicy: 'Never' } };
  switch (kind) {
    case 'Deployment':
    case 'ReplicaSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 0, selector, template } };
    case 'StatefulSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 0, serviceName: name, selector, template } };
    case 'DaemonSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector, template } };
    case 'ReplicationController':
      return { apiVersion: 'v1', kind, metadata, spec: { replicas: 0, selector: { app: name }, template } };
    case 'Job':
      return { apiVersion: 'batch/v1', kind, metadata, spec: { suspend: true, template: once } };
    case 'CronJob':
      return {
        apiVersion: 'batch/v1',
        kind,
        metadata,
        spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template: once } } },
      };
  }
}

/**
 * Returns a NetworkPolicy that admits the Pods of its own namespace. `spec` overrides its fields.
 */
export function networkPolicy(name: string, labels: LabelMap = namespaceLabels, spec: object = {}): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop', labels },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }], ...spec },
  };
}

/**
 * A role with every verb on every resource of these groups, but none of Ringfence's permissions.
 */
export const plainDeveloperRole: readonly Manifest[] = developers([]);

/**
 * The same role, with the right to claim any identity, so that it can create namespaces. It has no
 * permission on fences.
 */
export const developerRole: readonly Manifest[] = developers([
  { apiGroups: ['ringfence.dev'], resources: ['identities'], verbs: ['claim'] },
]);

function developers(permissions: readonly object[]): readonly Manifest[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rights = { apiGroups: ['', 'apps', 'batch', 'networking.k8s.io'], resources: ['*'], verbs: ['*'] };
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name: 'developer' }, rules: [rights, ...permissions] },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'developer' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'developer' },
      subjects: [{ apiGroup, kind: 'Group', name: 'developers' }],
    },
  ];
}

/** Returns the object in another namespace. */
export function inNamespace(name: string, manifest: Manifest): Manifest {
  return { ...manifest, metadata: { ...(manifest['metadata'] as object), namespace: name } };
}

/** Returns the object with a name that the API server generates. */
export function generated(prefix: string, manifest: Manifest): Manifest {
  const { name: _, ...metadata } = manifest['metadata'] as { readonly name: string };
  return { ...manifest, metadata: { ...metadata, generateName: prefix } };
}

const podSpec = { containers: [{ name: 'main', image: 'registry.example/main:1' }] };
