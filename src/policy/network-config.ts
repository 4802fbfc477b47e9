/** The part of the configuration that the checks on NetworkPolicies use. */
export interface NetworkConfig {
  /** The taxonomy key whose values the flows connect: `tier` by default. */
  readonly flowKey: string;
  /** The flows between tiers that policies may open. All other flows are forbidden. */
  readonly matrix: readonly AllowedFlow[];
  /** Peers that the configuration names. They are judged by their role, not by the matrix. */
  readonly peers: readonly NamedPeer[];
  /** Prefix lengths. Blocks with more addresses than such a prefix are broad. */
  readonly broad: { readonly ipv4Prefix: number; readonly ipv6Prefix: number };
}

/** One allowed flow, from the Pods of one value of the flow key to the Pods of another. */
export interface AllowedFlow {
  readonly from: string;
  readonly to: string;
  /** The destination's ports; undefined allows all of them. */
  readonly ports: readonly AllowedPort[] | undefined;
}

/** A range of ports of one protocol, including both ends. */
export interface AllowedPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly first: number;
  readonly last: number;
}

/**
 * The role of a named peer. `dns` and `monitoring` are not bound by the matrix. Outside traffic
 * enters through `ingress`. `nodes` are the machines of the cluster (probes). `public` are
 * addresses outside the cluster, of any breadth.
 */
export type PeerRole = 'dns' | 'monitoring' | 'ingress' | 'nodes' | 'public';

/** A peer that the configuration names: Pods of a namespace, or addresses. */
export interface NamedPeer {
  readonly name: string;
  readonly role: PeerRole;
  /** The whole name of the namespace; undefined if the peer is addresses. */
  readonly namespace: string | undefined;
  /** The labels of the Pods in that namespace. Empty means all Pods. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** CIDRs; empty if the peer is Pods. */
  readonly cidrs: readonly string[];
  /** The ports of a DNS server that the baseline names; undefined for every other peer. */
  readonly ports?: readonly number[];
}
