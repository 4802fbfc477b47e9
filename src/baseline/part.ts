import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import type { AllowedPort } from '../policy/network-config.ts';

/**
 * What one part of the baseline allows, in one direction. It isolates the Pods that it selects in
 * this direction, as every NetworkPolicy does.
 */
export interface PartRules {
  readonly direction: 'ingress' | 'egress';
  /** The labels of the Pods that the part selects; empty for every Pod of the namespace. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly rules: readonly PartRule[];
}

/** The other ends, and the ports of the destination. Neither is ever empty. */
export interface PartRule {
  readonly peers: readonly PartPeer[];
  readonly ports: readonly AllowedPort[];
}

/**
 * Pods of a namespace, or a block of addresses. A namespace is matched by
 * `kubernetes.io/metadata.name`, because only the API server sets this label. Without labels, these
 * are all Pods of the namespace.
 */
export type PartPeer =
  | { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> }
  | { readonly cidr: string };

/** A part that names Pods of a namespace, or addresses. */
export interface Place {
  readonly namespace: string | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
}

/** Returns the peers that a place of the configuration names. */
export function peersAt({ namespace, podLabels, cidrs }: Place): readonly PartPeer[] {
  return namespace === undefined ? cidrs.map((cidr) => ({ cidr })) : [{ namespace, podLabels }];
}

/** Returns the specification of a part (networking.k8s.io/v1 NetworkPolicySpec). */
export function specOf({ direction, podLabels, rules }: PartRules): NetworkPolicySpec {
  // The empty list removes rules of the other direction that others added (see denyAllSpec).
  const podSelector = Object.keys(podLabels).length === 0 ? {} : { matchLabels: podLabels };
  if (direction === 'egress') {
    const egress = rules.map(({ peers, ports }) => ({ to: peers.map(toPeer), ports: ports.map(toPort) }));
    return { podSelector, policyTypes: ['Egress'], ingress: [], egress };
  }
  const ingress = rules.map(({ peers, ports }) => ({ from: peers.map(toPeer), ports: ports.map(toPort) }));
  return { podSelector, policyTypes: ['Ingress'], ingress, egress: [] };
}

function toPeer(peer: PartPeer): NetworkPolicyPeer {
  if ('cidr' in peer) return { ipBlock: { cidr: peer.cidr } };
  const namespaceSelector = { matchLabels: { [metadataNameLabel]: peer.namespace } };
  if (Object.keys(peer.podLabels).length === 0) return { namespaceSelector };
  return { namespaceSelector, podSelector: { matchLabels: peer.podLabels } };
}

function toPort({ protocol, first, last }: AllowedPort): NetworkPolicyPort {
  return { protocol, port: first, ...(last === first ? {} : { endPort: last }) };
}
