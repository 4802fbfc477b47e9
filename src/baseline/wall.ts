import type { NetworkPolicy, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { denyAllSpec } from './deny-all.ts';
import { hasOwnerReferences, isTerminating } from './drift.ts';
import { isSameSpec } from './equality.ts';
import { configVersionAnnotation } from './names.ts';

/**
 * Whether the wall is there, closed, and there to stay: what is owned by nothing that exists is
 * deleted within seconds.
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
  /** Its `spec` is not kept, because its namespace has more than may be kept. */
  readonly isLeftOut?: true;
  /** Bytes of heap that its `spec` takes. */
  readonly bytes?: number;
}

/**
 * What the cache keeps of a NetworkPolicy: what it is called and says, without the fields that
 * managers keep in it.
 */
export function readNetworkPolicy(raw: { readonly metadata: ObjectMeta; readonly spec?: unknown }): NetworkPolicy {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations, ownerReferences } =
    raw.metadata;
  const version = annotations?.[configVersionAnnotation];
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
      ...(version === undefined ? {} : { annotations: { [configVersionAnnotation]: version } }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    // Not validated: whoever compares it takes any shape.
    spec: raw.spec as NetworkPolicySpec,
  };
}
