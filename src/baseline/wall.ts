import type { NetworkPolicy, NetworkPolicySpec, ObjectMeta } from '../network/network-policy.ts';
import { denyAllSpec } from './deny-all.ts';
import { hasOwnerReferences, isTerminating } from './drift.ts';
import { isSameSpec } from './equality.ts';
import { isReservedName } from './names.ts';

/** Whether the wall is there, closed, and there to stay: what is owned by nothing that exists is deleted within seconds. */
export function isWalled(denyAll: NetworkPolicy | undefined): denyAll is NetworkPolicy {
  return (
    denyAll !== undefined &&
    isSameSpec(denyAll.spec, denyAllSpec) &&
    !isTerminating(denyAll) &&
    !hasOwnerReferences(denyAll)
  );
}

/** What the cache keeps of the cluster's NetworkPolicies: those under the baseline's names, whole. */
export function readBaselinePolicy(raw: {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
}): NetworkPolicy | undefined {
  const { metadata } = raw;
  if (!isReservedName(metadata.name ?? '')) return undefined;
  // Not validated: whoever compares it takes any shape.
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: raw.spec as NetworkPolicySpec };
}
