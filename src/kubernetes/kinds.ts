/** A kind that Ringfence judges, and how the API server serves it. */
export interface Kind {
  readonly kind: KindName;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: 'v1';
  readonly resource: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** The steps from the object to its pod template; none for a kind that is no workload. */
  readonly template: readonly string[];
  /** The short form that kubectl knows. */
  readonly shortName: string | undefined;
}

/** What names a kind in a review; the core group may be left out. */
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

/** The kind of a name, in whatever group. */
export function findKind(name: string): Kind | undefined {
  return byName.get(name);
}

/** The kind of a name that the table has. */
export function getKind(name: KindName): Kind {
  return byName.get(name) as Kind;
}

/** The kind of a group, version and name; undefined where one of the three is another. */
export function kindOf({ group = '', version, kind }: GroupVersionKind): Kind | undefined {
  const found = byName.get(kind);
  return found !== undefined && found.group === group && found.version === version ? found : undefined;
}

export function isWorkloadKind(name: string): name is WorkloadKind {
  return templatePathOf(name).length > 0;
}

/** The steps from an object of a kind to its pod template; none for what is no workload. */
export function templatePathOf(name: string): readonly string[] {
  return byName.get(name)?.template ?? [];
}

/** core/v1 Binding, whose labels overwrite the Pod's (POST of `pods/binding` and `bindings`). */
export function isBinding({ group = '', version, kind }: GroupVersionKind): boolean {
  return kind === 'Binding' && group === '' && version === 'v1';
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Where an API group is served: `/apis/apps/v1`, or `/api/v1` for the core group. */
export function apiPathOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The parts of an `apiVersion`. */
export function groupVersionOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.lastIndexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}
