import { findKind, type GroupVersionKind, isKubernetesGroup, isWorkloadKind, kinds } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';

/** The owner of pods: a workload's kind in lower case, as kubectl writes it, and its name. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/**
 * The kind of an owner: `rollout`. It has its group, as in kubectl, if Kubernetes itself has a kind
 * of this name: `statefulset.apps.kruise.io`.
 */
export function ownerKind({ group = '', kind }: Pick<GroupVersionKind, 'group' | 'kind'>): string {
  const isTaken = kind === 'Service' || findKind(kind) !== undefined;
  return isTaken && !isKubernetesGroup(group) ? `${kind.toLowerCase()}.${group}` : kind.toLowerCase();
}

/** A workload's kind in lower case, from a plural, a singular or a short name of kubectl. */
export function readWorkloadKind(text: string): string {
  const kind = text.toLowerCase();
  return shortNames.get(kind) ?? kind.replace(/^([^.]*)s$/, '$1');
}

const shortNames: ReadonlyMap<string, string> = new Map(
  kinds
    .filter(({ kind }) => kind === 'Pod' || isWorkloadKind(kind))
    .flatMap(({ kind, shortName }) => (shortName === undefined ? [] : [[shortName, kind.toLowerCase()] as const])),
);

/**
 * The owner of an owner, if its name shows it. A Deployment names its ReplicaSets NAME-HASH, and
 * the hash is on their pods' label `pod-template-hash`. A Rollout of Argo does the same, with its
 * own label. A CronJob names its Jobs NAME-MINUTE, where the minute is counted since 1970 and has
 * eight digits.
 */
export function guessOwner({ kind, name }: Owner, podLabels: Labels): Owner | undefined {
  if (kind === 'replicaset') {
    for (const [label, owner] of hashLabels) {
      const hash = podLabels.get(label);
      if (hash !== undefined && name.endsWith(`-${hash}`))
        return { kind: owner, name: name.slice(0, -hash.length - 1) };
    }
  }
  if (kind === 'job' && /-\d{8}$/.test(name)) return { kind: 'cronjob', name: name.slice(0, -9) };
  return undefined;
}

/** The labels with the hash of a template, and the kind of the workload that sets each. */
const hashLabels = [
  ['pod-template-hash', 'deployment'],
  ['rollouts-pod-template-hash', 'rollout'],
] as const;

/** The name under which a workload is known: `namespace/kind/name`. */
export function keyOf(namespace: string, { kind, name }: Owner): string {
  return `${namespace}/${kind}/${name}`;
}

/** The owners of an object, nearest first. `ownerOf` returns the owner of an owner. */
export function ownersOf(
  namespace: string,
  owner: Owner | undefined,
  ownerOf: (key: string, one: Owner) => Owner | undefined,
): readonly Owner[] {
  const chain: Owner[] = [];
  // A Service of Knative is five levels above its Pods. The cap ends a circle of references.
  for (let next = owner; next !== undefined && chain.length < 8; next = ownerOf(keyOf(namespace, next), next))
    chain.push(next);
  return chain;
}
