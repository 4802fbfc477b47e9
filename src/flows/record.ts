// What flow logs say, in one form for every kind of log. Nothing here is joined with manifests.

/** The labels of a Pod or of a namespace. `__proto__` is a label like any other. */
type LabelMap = ReadonlyMap<string, string>;

/** A Pod as a log names it, or several Pods of one workload. */
export interface PodEnd {
  readonly kind: 'pod';
  readonly namespace: string;
  /** `web-785*` where the log aggregates. The first by name, if the end stands for several Pods. */
  readonly name: string | undefined;
  /**
   * The Pod's own labels, without those that only one Pod or one revision has. Undefined if the
   * log never gives them.
   */
  readonly labels: LabelMap | undefined;
  /** The labels of its namespace. Undefined if the log never gives them. */
  readonly namespaceLabels: LabelMap | undefined;
  /** As the log names it: older Cilium agents name a ReplicaSet, with the hash in its name. */
  readonly workload: { readonly kind: string; readonly name: string } | undefined;
}

/** One end of a flow, as the log names it. */
export type FlowEnd =
  | PodEnd
  | { readonly kind: 'node'; readonly name: 'host' | 'remote-node' }
  | { readonly kind: 'apiserver' }
  /** Cilium's own ingress proxy, which is no Pod. */
  | { readonly kind: 'ingress' }
  /** A Service, before its address becomes that of a Pod. The flow's port is the Service's. */
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly name: string;
      /** The first by text, if it has several. */
      readonly address: string | undefined;
    }
  /** An address that may be a Pod, a Service, a node or outside: only the manifests can tell. */
  | { readonly kind: 'address'; readonly address: string; readonly names: readonly string[] }
  /** Surely outside the cluster. Without an address it is Calico's `public network`. */
  | { readonly kind: 'outside'; readonly names: readonly string[]; readonly address: string | undefined }
  /**
   * `why` is a noun phrase: `a Pod of the cluster west`. It begins with `a Pod ` exactly where the
   * end is a Pod.
   */
  | { readonly kind: 'unresolved'; readonly why: string };

export const flowProtocols = ['TCP', 'UDP', 'SCTP', 'ICMP'] as const;
export type FlowProtocol = (typeof flowProtocols)[number];

export const flowVerdicts = ['happened', 'denied', 'would-be-denied', 'unknown'] as const;
/**
 * What became of packets. `would-be-denied` passed, and a policy in audit mode would have denied
 * it. `unknown` is a line whose log has no verdict.
 */
export type FlowVerdict = (typeof flowVerdicts)[number];

/** All lines with the same ends, protocol and port. */
export interface Flow {
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly protocol: FlowProtocol;
  /** The destination's port, after translation unless the end is a Service; 0 for ICMP. */
  readonly port: number;
  /**
   * The source's port where it says something: on a flow without direction. If the port was
   * ephemeral (32768 or above) and not always the same, it is the smallest one.
   */
  readonly sourcePort: number | undefined;
  /** False if the log does not say which end began: the ends may be the other way round. */
  readonly isDirected: boolean;
  /** Calico reports from both ends: a flow was allowed only if no end denied it. */
  readonly verdicts: ReadonlySet<FlowVerdict>;
  /** How many lines, or what a line that stands for several says. Not a number of connections. */
  readonly sightings: number;
  /** The times of the first and the last line, in RFC 3339. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Calico only: whether the last policy that would apply, staged ones included, denies. */
  readonly pendingDeny?: boolean;
}

/** Everything that one or more flow logs say. It does not depend on the order of the lines. */
export interface Observation {
  /** Each flow once, in a stable order. */
  readonly flows: readonly Flow[];
  /** Lines that are neither empty nor a JSON object. A last line that is cut counts. */
  readonly malformed: number;
  /** The sum of Hubble's `num_events_lost`. */
  readonly lost: number;
  /** The times of the first and the last line, in RFC 3339. */
  readonly window: { readonly first: string; readonly last: string } | undefined;
  /** The nodes that reported, sorted. */
  readonly nodes: readonly string[];
  /** The namespaces of the ends, sorted. */
  readonly namespaces: readonly string[];
  /** Sentences, sorted: what the logs cannot have seen. */
  readonly holes: readonly string[];
  /**
   * The needed fields that some file has on no line: what they would decide is not decided, and
   * must not be called unseen.
   */
  readonly neverSeen: readonly string[];
  /** How many lines make no flow, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
}
