/** A kind that Ringfence judges, and how the API server serves it. */
export interface Kind {
  readonly kind: KindName;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: 'v1';
  readonly resource: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** The fields from the object to its pod template; empty for a kind that is not a workload. */
  readonly template: readonly string[];
  /** The short name that kubectl accepts. */
  readonly shortName: string | undefined;
}

/** An API group, empty for the core group, and a version of it. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** Names a kind in a review. The group may be absent for the core group. */
export interface GroupVersionKind {
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
}

const template = ['spec', 'template'] as const;
const jobTemplate = ['spec', 'jobTemplate', ...template] as const;

// The API reference of core/v1, apps/v1, batch/v1 and networking.k8s.io/v1.
const rows = [
  { kind: 'Namespace', group: '', resource: 'namespaces', shortName: 'ns', scope: 'Cluster' },
  { kind: 'Pod', group: '', resource: 'pods', shortName: 'po' },
  { kind: 'Deployment', group: 'apps', resource: 'deployments', shortName: 'deploy', template },
  { kind: 'StatefulSet', group: 'apps', resource: 'statefulsets', shortName: 'sts', template },
  { kind: 'DaemonSet', group: 'apps', resource: 'daemonsets', shortName: 'ds', template },
  { kind: 'ReplicaSet', group: 'apps', resource: 'replicasets', shortName: 'rs', template },
  { kind: 'ReplicationController', group: '', resource: 'replicationcontrollers', shortName: 'rc', template },
  { kind: 'Job', group: 'batch', resource: 'jobs', template },
  { kind: 'CronJob', group: 'batch', resource: 'cronjobs', shortName: 'cj', template: jobTemplate },
  { kind: 'NetworkPolicy', group: 'networking.k8s.io', resource: 'networkpolicies', shortName: 'netpol' },
] as const;

export type KindName = (typeof rows)[number]['kind'];

/** The kinds that make Pods from a template. */
export type WorkloadKind = Extract<(typeof rows)[number], { readonly template: readonly string[] }>['kind'];

/**
 * Every kind that Ringfence judges. The rules of webhooks and backstop, the dispatch of reviews,
 * the reading of files and the tests of RBAC all use this table.
 */
export const kinds: readonly Kind[] = rows.map((row) => ({
  version: 'v1',
  scope: 'Namespaced',
  template: [],
  shortName: undefined,
  ...row,
}));

const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.kind, kind]));

export const workloadKinds: readonly WorkloadKind[] = kinds.map(({ kind }) => kind).filter(isWorkloadKind);

/** Returns the kind with this name, in any group. */
export function findKind(name: string): Kind | undefined {
  return byName.get(name);
}

/** Returns the kind with this name, which the table contains. */
export function getKind(name: KindName): Kind {
  return byName.get(name) as Kind;
}

/** Returns the kind with this group, version and name; undefined unless all three match. */
export function kindOf({ group = '', version, kind }: GroupVersionKind): Kind | undefined {
  const found = byName.get(kind);
  return found !== undefined && found.group === group && found.version === version ? found : undefined;
}

export function isWorkloadKind(name: string): name is WorkloadKind {
  return templatePathOf(name).length > 0;
}

/** Returns the fields from an object to its pod template; empty if the kind is not a workload. */
export function templatePathOf(name: string): readonly string[] {
  return byName.get(name)?.template ?? [];
}

/** Whether this is core/v1 Binding, whose labels overwrite the Pod's. */
export function isBinding({ group = '', version, kind }: GroupVersionKind): boolean {
  return kind === 'Binding' && group === '' && version === 'v1';
}

/**
 * Whether kinds of this group are Kubernetes' own, or need its approval
 * (api-approved.kubernetes.io).
 */
export function isKubernetesGroup(group: string): boolean {
  return !group.includes('.') || group === 'k8s.io' || group.endsWith('.k8s.io');
}

/**
 * The `apiVersion` that an object should have: a kind of this name is Kubernetes' own, in one
 * version only, and the object's group is missing, Kubernetes' own, or spelled like one of its
 * groups. Undefined if the object is right, or of another kind.
 */
export function expectedVersion(type: GroupVersionKind): string | undefined {
  const known = byName.get(type.kind);
  if (known === undefined || kindOf(type) !== undefined) return undefined;
  const { group = '' } = type;
  return isKubernetesGroup(group) || /k8s|kubernetes/.test(group) ? apiVersionOf(known) : undefined;
}

/** The `apiVersion` of a kind: `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path that serves an API group: `/apis/apps/v1`, or `/api/v1` for the core group. */
export function apiPathOf({ group, version }: GroupVersion): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Splits an `apiVersion` into its group, empty for the core group, and its version. */
export function groupVersionOf(apiVersion: string): GroupVersion {
  const slash = apiVersion.lastIndexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}
