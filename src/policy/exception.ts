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
  return makersOf(subject).some(({ kind, name }) => kind === workload.kind && workload.name.test(name));
}

/**
 * Returns the subject itself, the workload that made it, and the Deployment or CronJob above that
 * workload. A Deployment names its ReplicaSets `NAME-HASH`, a CronJob its Jobs `NAME-MINUTES`
 * (kubernetes/kubernetes, deployment sync.go and cronjob utils.go).
 */
function makersOf({ kind, name, controller }: Subject): readonly { readonly kind: string; readonly name: string }[] {
  if (controller === undefined) return [{ kind, name }];
  const above = makers[controller.kind];
  const dash = controller.name.lastIndexOf('-');
  const upper = above === undefined || dash === -1 ? [] : [{ kind: above, name: controller.name.slice(0, dash) }];
  return [{ kind, name }, controller, ...upper];
}

const makers: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  ReplicaSet: 'Deployment',
  Job: 'CronJob',
});
