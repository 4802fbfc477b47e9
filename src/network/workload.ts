import { textAt, valueAt } from '../kubernetes/raw-object.ts';

/** What makes pods: a workload's kind in lower case, as kubectl has it, and its name. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** A workload's pod template, and where it stands; undefined for an object that is none. */
export function templateOf(object: unknown): { readonly pod: unknown; readonly field: string } | undefined {
  const path = templatePaths.get(`${textAt(object, 'apiVersion') ?? ''} ${textAt(object, 'kind') ?? ''}`);
  return path === undefined ? undefined : { pod: valueAt(object, ...path), field: path.join('.') };
}

/** Short names as kubectl has them, and the plural and singular forms. */
export function readWorkloadKind(text: string): string {
  const kind = text.toLowerCase();
  return shortNames.get(kind) ?? kind.replace(/s$/, '');
}

/**
 * The owner of an owner, where its name says so: a Deployment names its ReplicaSets NAME-HASH, with the hash on their pods' label
 * `pod-template-hash`; a CronJob names its Jobs NAME-MINUTE, the minute since 1970 in eight digits.
 */
export function guessOwner({ kind, name }: Owner, podTemplateHash: string | undefined): Owner | undefined {
  if (kind === 'replicaset' && podTemplateHash !== undefined && name.endsWith(`-${podTemplateHash}`))
    return { kind: 'deployment', name: name.slice(0, -podTemplateHash.length - 1) };
  if (kind === 'job' && /-\d{8}$/.test(name)) return { kind: 'cronjob', name: name.slice(0, -9) };
  return undefined;
}

const template = ['spec', 'template'] as const;

const templatePaths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['apps/v1 Deployment', template],
  ['apps/v1 StatefulSet', template],
  ['apps/v1 DaemonSet', template],
  ['apps/v1 ReplicaSet', template],
  ['v1 ReplicationController', template],
  ['batch/v1 Job', template],
  ['batch/v1 CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

const shortNames: ReadonlyMap<string, string> = new Map([
  ['deploy', 'deployment'],
  ['sts', 'statefulset'],
  ['ds', 'daemonset'],
  ['rs', 'replicaset'],
  ['rc', 'replicationcontroller'],
  ['cj', 'cronjob'],
  ['po', 'pod'],
]);
