import type { Range } from './address.ts';
import type { Selector } from './selector.ts';

export type Direction = 'ingress' | 'egress';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/**
 * A NetworkPolicy (networking.k8s.io/v1) read and defaulted: what it selects, what it isolates,
 * what it allows.
 */
export interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly podSelector: Selector;
  /**
   * Which directions it isolates: `policyTypes`, or their default. A direction that it does not
   * isolate has no rules here.
   */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** One rule: any of its peers on any of its ports. */
export interface Rule {
  /** Where it stands: `spec.ingress[0]`. */
  readonly field: string;
  /** Undefined: no peers are named, so everyone, external addresses included. */
  readonly peers: readonly Peer[] | undefined;
  /** Undefined: no ports are named, so all ports of all protocols. */
  readonly ports: readonly PortRange[] | undefined;
}

export type Peer = PodPeer | AddressPeer;

/** Pods by label. Without a namespace selector: of the policy's own namespace. */
export interface PodPeer {
  readonly kind: 'pods';
  readonly field: string;
  readonly namespaceSelector: Selector | undefined;
  readonly podSelector: Selector;
}

/** Addresses: an ipBlock less its exceptions (which subtract from this block only). */
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
