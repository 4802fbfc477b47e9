import { groupVersionOf, isWorkloadKind, kindOf, kinds } from '../kubernetes/kinds.ts';
import { textAt, valueAt } from '../kubernetes/raw-object.ts';

/** The owner of pods: a workload's kind in lower case, as kubectl writes it, and its name. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/**
 * A workload's pod template, and the path where it stands. Undefined if the object is not a
 * workload.
 */
export function templateOf(object: unknown): { readonly pod: unknown; readonly field: string } | undefined {
  const type = { ...groupVersionOf(textAt(object, 'apiVersion') ?? ''), kind: textAt(object, 'kind') ?? '' };
  const path = kindOf(type)?.template ?? [];
  return path.length === 0 ? undefined : { pod: valueAt(object, ...path), field: path.join('.') };
}

/** A workload's kind in lower case, from a plural, a singular or a short name of kubectl. */
export function readWorkloadKind(text: string): string {
  const kind = text.toLowerCase();
  return shortNames.get(kind) ?? kind.replace(/s$/, '');
}

const shortNames: ReadonlyMap<string, string> = new Map(
  kinds
    .filter(({ kind }) => kind === 'Pod' || isWorkloadKind(kind))
    .flatMap(({ kind, shortName }) => (shortName === undefined ? [] : [[shortName, kind.toLowerCase()] as const])),
);

/**
 * The owner of an owner, if its name shows it. A Deployment names its ReplicaSets NAME-HASH, and
 * the hash is on their pods' label `pod-template-hash`. A CronJob names its Jobs NAME-MINUTE, where
 * the minute is counted since 1970 and has eight digits.
 */
export function guessOwner({ kind, name }: Owner, podTemplateHash: string | undefined): Owner | undefined {
  if (kind === 'replicaset' && podTemplateHash !== undefined && name.endsWith(`-${podTemplateHash}`))
    return { kind: 'deployment', name: name.slice(0, -podTemplateHash.length - 1) };
  if (kind === 'job' && /-\d{8}$/.test(name)) return { kind: 'cronjob', name: name.slice(0, -9) };
  return undefined;
}
