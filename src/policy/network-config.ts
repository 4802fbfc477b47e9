/** What the checks on NetworkPolicies may know of the configuration. */
export interface NetworkConfig {
  /** The flows between tiers that policies may open; what is not listed is forbidden. */
  readonly matrix: readonly AllowedFlow[];
  /**
   * Peers that the configuration names. They are known by name and judged by their role, not by the
   * matrix.
   */
  readonly peers: readonly NamedPeer[];
  /** An ipBlock of more addresses than one of these prefixes is broad. */
  readonly broad: { readonly ipv4Prefix: number; readonly ipv6Prefix: number };
}

/** One allowed flow: from pods of one tier to pods of another. */
export interface AllowedFlow {
  readonly from: string;
  readonly to: string;
  /** The destination's ports; undefined allows all of them. */
  readonly ports: readonly AllowedPort[] | undefined;
}

/** A range of ports of one protocol, both ends included. */
export interface AllowedPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly first: number;
  readonly last: number;
}

/**
 * What a named peer is: `dns` and `monitoring` may cross the matrix; `ingress` is where the outside
 * comes in; `nodes` are the cluster's own machines (probes); `public` are address ranges outside
 * the cluster that policies may name whatever their breadth.
 */
export type PeerRole = 'dns' | 'monitoring' | 'ingress' | 'nodes' | 'public';

/** Pods of a namespace, or addresses, that the configuration names. */
export interface NamedPeer {
  readonly name: string;
  readonly role: PeerRole;
  /** A namespace's whole name; undefined where the peer is addresses. */
  readonly namespace: string | undefined;
  /** Of the Pods in that namespace; empty means all of them. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** CIDRs; empty where the peer is a namespace. */
  readonly cidrs: readonly string[];
}
