import type { SubjectKind } from '../policy/subject.ts';

/** One API resource that Ringfence judges: where the API server serves it, and under which webhook entry its reviews come. */
export interface JudgedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: SubjectKind;
  readonly entry: 'namespaces' | 'pods' | 'workloads' | 'networkpolicies';
}

/** Every judged resource. The webhook rules, the dispatch of a review and the RBAC tests are read from this table. */
export const judgedResources: readonly JudgedResource[] = [
  { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace', entry: 'namespaces' },
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod', entry: 'pods' },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', entry: 'workloads' },
  { group: 'apps', version: 'v1', resource: 'statefulsets', kind: 'StatefulSet', entry: 'workloads' },
  { group: 'apps', version: 'v1', resource: 'daemonsets', kind: 'DaemonSet', entry: 'workloads' },
  { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet', entry: 'workloads' },
  { group: '', version: 'v1', resource: 'replicationcontrollers', kind: 'ReplicationController', entry: 'workloads' },
  { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', entry: 'workloads' },
  { group: 'batch', version: 'v1', resource: 'cronjobs', kind: 'CronJob', entry: 'workloads' },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    resource: 'networkpolicies',
    kind: 'NetworkPolicy',
    entry: 'networkpolicies',
  },
];

/** The kind a review's object is judged as, or undefined where Ringfence does not know it (another kind, group or version). */
export function judgedKind(kind: {
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
}): SubjectKind | undefined {
  return judgedResources.find(
    (entry) => entry.kind === kind.kind && entry.group === (kind.group ?? '') && entry.version === kind.version,
  )?.kind;
}

/** core/v1 Binding, whose labels overwrite the Pod's (POST of `pods/binding` and `bindings`). */
export function isBinding(kind: { readonly group?: string; readonly version: string; readonly kind: string }): boolean {
  return kind.kind === 'Binding' && (kind.group ?? '') === '' && kind.version === 'v1';
}

/** The namespaces that exist in every cluster. Their objects are outside the webhook's rules by name (at creation labels can be forged). */
export const builtInNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
