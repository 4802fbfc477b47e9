import type { Range } from './address.ts';
import type { Selector } from './selector.ts';

export type Direction = 'ingress' | 'egress';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/**
 * A NetworkPolicy (networking.k8s.io/v1), read and defaulted: the pods that it selects, the
 * directions that it isolates, and the flows that it allows.
 */
export interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly podSelector: Selector;
  /**
   * The directions that it isolates: `policyTypes`, or its default. A direction that it does not
   * isolate has no rules here.
   */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** One rule allows any of its peers on any of its ports. */
export interface Rule {
  /** The path of the rule: `spec.ingress[0]`. */
  readonly field: string;
  /**
   * Undefined means that the rule names no peers: it allows every peer, external addresses
   * included.
   */
  readonly peers: readonly Peer[] | undefined;
  /** Undefined means that the rule names no ports: it allows all ports of all protocols. */
  readonly ports: readonly PortRange[] | undefined;
}

export type Peer = PodPeer | AddressPeer;

/** Pods selected by label. Without a namespace selector they are in the policy's own namespace. */
export interface PodPeer {
  readonly kind: 'pods';
  readonly field: string;
  readonly namespaceSelector: Selector | undefined;
  readonly podSelector: Selector;
}

/** Addresses of an ipBlock without its exceptions. The exceptions apply to this block only. */
export interface AddressPeer {
  readonly kind: 'addresses';
  readonly field: string;
  readonly cidr: string;
  readonly range: Range;
  readonly except: readonly Range[];
}

/**
 * Ports of one protocol: all of them, a range, or a container port's name, which the destination
 * pod resolves.
 */
export interface PortRange {
  readonly field: string;
  readonly protocol: Protocol;
  readonly port: 'all' | { readonly first: number; readonly last: number } | { readonly name: string };
}
