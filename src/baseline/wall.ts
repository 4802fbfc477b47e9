import type { NetworkPolicy, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { denyAllSpec } from './deny-all.ts';
import { hasOwnerReferences, isTerminating } from './drift.ts';
import { isSameSpec } from './equality.ts';
import { configVersionAnnotation } from './names.ts';
import { trialAnnotation } from './trial.ts';

/**
 * Whether the wall exists, denies everything, and will stay. An object with an owner does not
 * count, because the garbage collector deletes it within seconds if the owner does not exist.
 */
export function isWalled(denyAll: NetworkPolicy | undefined): denyAll is NetworkPolicy {
  return (
    denyAll !== undefined &&
    isSameSpec(denyAll.spec, denyAllSpec) &&
    !isTerminating(denyAll) &&
    !hasOwnerReferences(denyAll)
  );
}

/** A NetworkPolicy as the cache keeps it. */
export interface CachedPolicy extends NetworkPolicy {
  /**
   * Set if `spec` is not kept, because its namespace has more than may be kept. Holds the
   * namespaces that the policy names.
   */
  readonly isLeftOut?: { readonly names: readonly string[] };
  /** Bytes of heap that its `spec` takes. */
  readonly bytes?: number;
}

/**
 * Returns the fields of a NetworkPolicy that the cache keeps. Of the annotations it keeps only
 * Ringfence's, and it drops managedFields.
 */
export function readNetworkPolicy(raw: { readonly metadata: ObjectMeta; readonly spec?: unknown }): NetworkPolicy {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations, ownerReferences } =
    raw.metadata;
  const kept = [configVersionAnnotation, trialAnnotation].flatMap((key) => {
    const value = annotations?.[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(labels === undefined ? {} : { labels }),
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    // The spec is not validated. The code that compares it accepts any shape.
    spec: raw.spec as NetworkPolicySpec,
  };
}
