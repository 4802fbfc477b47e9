// A cluster that has been in use: namespaces of three shapes with workloads, and their intended
// identity.
import type { Manifest } from './objects.ts';

export type Shape = 'clean' | 'unlabelled' | 'half-labelled';

/** A namespace, with the identity that its owners intend, whatever its labels are. */
export interface Home {
  readonly name: string;
  readonly shape: Shape;
  readonly identity: { readonly env: string; readonly tier: string; readonly team: string };
  readonly workloads: readonly Workload[];
}

export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'CronJob';
  readonly name: string;
  /** The number of Pods at rest. */
  readonly replicas: number;
}

/**
 * Returns this number of namespaces, with the shapes in turn. The first is `shop`, which is clean.
 */
export function planHomes(count: number, replicas: number): readonly Home[] {
  const shapes: readonly Shape[] = ['clean', 'unlabelled', 'half-labelled'];
  return Array.from({ length: count }, (_, index) => {
    const shape = shapes[index % shapes.length] ?? 'clean';
    return {
      name: index === 0 ? 'shop' : `${shape}-${index}`,
      shape,
      identity: { env: 'prod', tier: 'api', team: index === 0 ? 'shop' : `team-${index}` },
      workloads: [
        { kind: 'Deployment', name: 'web', replicas },
        { kind: 'StatefulSet', name: 'store', replicas: 2 },
        { kind: 'CronJob', name: 'tick', replicas: 0 },
      ],
    };
  });
}

/** Returns the namespace and its workloads as they were before Ringfence. */
export function foundObjects({ name, shape, identity, workloads }: Home): readonly Manifest[] {
  // A value that means the same to people, and a missing key.
  const half = { env: 'production', team: identity.team };
  const namespaceLabels = { clean: identity, unlabelled: {}, 'half-labelled': half }[shape];
  const podLabels = { clean: { ...identity, expose: 'false' }, unlabelled: {}, 'half-labelled': half }[shape];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: namespaceLabels } },
    ...workloads.map((workload) => foundWorkload(name, workload, podLabels)),
  ];
}

/** Returns the path of a workload in the API, and the path to its pod template. */
export function placeOf(
  namespace: string,
  { kind, name }: Workload,
): { readonly path: string; readonly template: readonly string[] } {
  const collection = { Deployment: 'apps/v1', StatefulSet: 'apps/v1', CronJob: 'batch/v1' }[kind];
  return {
    path: `/apis/${collection}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`,
    template: kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'],
  };
}

/** Returns the merge patch that changes a workload's pod template. */
export function templatePatch(workload: Workload, change: object): object {
  return placeOf('', workload).template.reduceRight<object>((inner, step) => ({ [step]: inner }), change);
}

function foundWorkload(
  namespace: string,
  { kind, name, replicas }: Workload,
  labels: Readonly<Record<string, string>>,
): Manifest {
  const metadata = { name, namespace };
  const containers = [{ name: 'main', image: 'registry.example/main:1' }];
  const selector = { matchLabels: { app: name } };
  const template = { metadata: { labels: { app: name, ...labels } }, spec: { containers } };
  switch (kind) {
    case 'Deployment':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, selector, template } };
    case 'StatefulSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, serviceName: name, selector, template } };
    case 'CronJob': {
      const once = { ...template, spec: { containers, restartPolicy: 'Never' } };
      // It runs each minute and keeps few Jobs.
      const spec = { schedule: '* * * * *', successfulJobsHistoryLimit: 1, jobTemplate: { spec: { template: once } } };
      return { apiVersion: 'batch/v1', kind, metadata, spec };
    }
  }
}
