import { groupVersionOf, isWorkloadKind, kindOf, kinds } from '../kubernetes/kinds.ts';
import { textAt, valueAt } from '../kubernetes/raw-object.ts';

/** What makes pods: a workload's kind in lower case, as kubectl has it, and its name. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** A workload's pod template, and where it stands; undefined for an object that is none. */
export function templateOf(object: unknown): { readonly pod: unknown; readonly field: string } | undefined {
  const type = { ...groupVersionOf(textAt(object, 'apiVersion') ?? ''), kind: textAt(object, 'kind') ?? '' };
  const path = kindOf(type)?.template ?? [];
  return path.length === 0 ? undefined : { pod: valueAt(object, ...path), field: path.join('.') };
}

/** A kind in lower case, from a short name as kubectl has it, a plural or a singular. */
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
 * The owner of an owner, where its name says so: a Deployment names its ReplicaSets NAME-HASH, with
 * the hash on their pods' label `pod-template-hash`; a CronJob names its Jobs NAME-MINUTE, the
 * minute since 1970 in eight digits.
 */
export function guessOwner({ kind, name }: Owner, podTemplateHash: string | undefined): Owner | undefined {
  if (kind === 'replicaset' && podTemplateHash !== undefined && name.endsWith(`-${podTemplateHash}`))
    return { kind: 'deployment', name: name.slice(0, -podTemplateHash.length - 1) };
  if (kind === 'job' && /-\d{8}$/.test(name)) return { kind: 'cronjob', name: name.slice(0, -9) };
  return undefined;
}
