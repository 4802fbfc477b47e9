import type { Address } from './address.ts';
import type { PortRange, Rule } from './rules.ts';
import { type Selector, selects } from './selector.ts';

/** The kinds of policy.networking.k8s.io, which stand before and after NetworkPolicies. */
export type TieredKind = 'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy';

/** The Admin tier decides before NetworkPolicies. The Baseline tier decides where none isolates. */
export type Tier = 'Admin' | 'Baseline';

/** Accept is `Allow` in v1alpha1. Pass leaves the tier. */
export type Action = 'Accept' | 'Deny' | 'Pass';

/**
 * A ClusterNetworkPolicy (v1alpha2, v1beta1), an AdminNetworkPolicy or a BaselineAdminNetworkPolicy
 * (v1alpha1), read and defaulted.
 */
export interface TieredPolicy {
  readonly kind: TieredKind;
  readonly name: string;
  readonly tier: Tier;
  /** 0 to 1000, where the lowest comes first. A BaselineAdminNetworkPolicy has none. */
  readonly priority: number | undefined;
  /** The pods that it applies to. A pod on the host's network is never one of them. */
  readonly subject: { readonly namespaceSelector: Selector; readonly podSelector: Selector };
  readonly ingress: readonly TieredRule[];
  readonly egress: readonly TieredRule[];
}

/** A rule decides about the traffic with any of its peers on any of its ports. */
export interface TieredRule {
  /** The path of the rule: `spec.ingress[0]`. */
  readonly field: string;
  /** Its place in the list, from 1. */
  readonly number: number;
  readonly name: string | undefined;
  /** What it does: Deny, where a peer of an unknown form turns Pass into Deny. */
  readonly action: Action;
  /**
   * The path of a peer whose form is not known. Such a rule fails closed (types.go): Accept holds
   * nothing; Deny and Pass deny everything, on every port.
   */
  readonly unknownPeer: string | undefined;
  /** Its peers by label. Each has a namespaceSelector. They hold no pod on the host's network. */
  readonly pods: Rule;
  /** Its peers by address. They hold whatever has the address. */
  readonly networks: Rule;
  readonly nodes: NodePeers | undefined;
  /** Whether it names domains. What they stand for is not known. */
  readonly hasDomains: boolean;
  /** Undefined means all ports of all protocols, and ICMP. */
  readonly ports: readonly PortRange[] | undefined;
}

/** The Nodes that a rule selects. */
export interface NodePeers {
  readonly selectors: readonly Selector[];
  /** Their addresses. Undefined if no Node is known. */
  readonly addresses: readonly Address[] | undefined;
}

/** A Node (core/v1), as far as policies select it. */
export interface Node {
  readonly labels: ReadonlyMap<string, string>;
  /** The IP addresses in `status.addresses`. */
  readonly addresses: readonly Address[];
}

/** The policies with the addresses of the Nodes that their rules select. */
export function resolveNodes(policies: readonly TieredPolicy[], nodes: readonly Node[]): readonly TieredPolicy[] {
  if (nodes.length === 0) return policies;
  const resolve = (rule: TieredRule): TieredRule => {
    if (rule.nodes === undefined) return rule;
    const { selectors } = rule.nodes;
    const selected = nodes.filter(({ labels }) => selectors.some((selector) => selects(selector, labels)));
    return { ...rule, nodes: { selectors, addresses: selected.flatMap(({ addresses }) => addresses) } };
  };
  return policies.map((policy) => ({
    ...policy,
    ingress: policy.ingress.map(resolve),
    egress: policy.egress.map(resolve),
  }));
}
