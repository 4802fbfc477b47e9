import { findKind } from '../kubernetes/kinds.ts';
import type { Subject } from './subject.ts';
import type { ValuePattern } from './taxonomy.ts';

/**
 * Waives checks for some workloads of one namespace, for a limited time. The findings are recorded
 * with its name. The caller selects the exceptions that are in force, because the checks do not
 * know the time.
 */
export interface Exception {
  readonly name: string;
  /** Ids of checks that judge Pods. */
  readonly checks: readonly string[];
  /** The whole name of the namespace. */
  readonly namespace: string;
  /** The exception applies to every object that one of these describes. */
  readonly workloads: readonly ExceptedWorkload[];
  readonly reason: string;
  /** The day on which it ends, at 00:00 UTC: `2027-01-31`. */
  readonly until: string;
}

/** A workload by kind and name, with the Pods that it makes, or all Pods of a ServiceAccount. */
export type ExceptedWorkload =
  | { readonly kind: string; readonly name: ValuePattern }
  | { readonly serviceAccount: string };

/** Returns the first exception that waives a check for a subject; undefined if none does. */
export function findException(
  check: string,
  subject: Subject,
  exceptions: readonly Exception[],
): Exception | undefined {
  return exceptions.find(
    ({ checks, namespace, workloads }) =>
      namespace === subject.namespace &&
      subject.pod !== undefined &&
      checks.includes(check) &&
      workloads.some((workload) => isMeant(subject, workload)),
  );
}

function isMeant(subject: Subject, workload: ExceptedWorkload): boolean {
  if ('serviceAccount' in workload) return subject.pod?.serviceAccount === workload.serviceAccount;
  const { kind, name, controller } = subject;
  const isNamed = (maker: { readonly kind: string; readonly name: string }) =>
    maker.kind === workload.kind && workload.name.test(maker.name);
  if (isNamed({ kind, name })) return true;
  if (controller === undefined) return false;
  return isNamed(controller) || isAbove(workload, controller);
}

/**
 * Whether a workload is above the one that made a Pod. A Deployment names its ReplicaSets
 * `NAME-HASH`, a CronJob its Jobs `NAME-MINUTES` (kubernetes/kubernetes, deployment sync.go and
 * cronjob utils.go). Workloads of other projects that make ReplicaSets (Argo Rollouts) name them as
 * a Deployment does.
 */
function isAbove(
  { kind, name }: { readonly kind: string; readonly name: ValuePattern },
  controller: { readonly kind: string; readonly name: string },
): boolean {
  const dash = controller.name.lastIndexOf('-');
  return madeBy(kind) === controller.kind && dash !== -1 && name.test(controller.name.slice(0, dash));
}

/** The kind of the workloads between a workload and its Pods; undefined if there are none. */
export function madeBy(kind: string): 'ReplicaSet' | 'Job' | undefined {
  if (kind === 'CronJob') return 'Job';
  return kind === 'Deployment' || findKind(kind) === undefined ? 'ReplicaSet' : undefined;
}
