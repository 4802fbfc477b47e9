import type { OnTrial } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { OtherPolicyKind } from '../kubernetes/other-policies.ts';

/** What was read, or why it could not be read and what would help. */
export type Reading<T> = { readonly value: T } | Unread;

export interface Unread {
  /** A clause: `RBAC does not allow you to list pods`. */
  readonly problem: string;
  readonly remedy: string;
  /** The HTTP status of the refusal; 0 without an answer. */
  readonly code?: number;
}

/** The answer of `/version`. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** `v1.36.3`, `v1.35.1+k3s1`. */
  readonly git: string;
}

/** A namespace, or another object of which the labels count. */
export interface Labelled {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  /** `command` and `args` together. */
  readonly args: readonly string[];
  /** By name; undefined for a value that is read from elsewhere (`valueFrom`). */
  readonly env: ReadonlyMap<string, string | undefined>;
}

/** apps/v1 DaemonSet, as far as network plugins are known by it. */
export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly Container[];
  /** Nodes that should run it, and nodes where it is ready. */
  readonly desired: number;
  readonly ready: number;
}

/** A core/v1 Pod. */
export interface PodFact extends Labelled {
  readonly namespace: string;
  readonly hostNetwork: boolean;
  readonly hostPorts: readonly number[];
}

/** A Service that clients use for DNS. */
export interface DnsService {
  readonly namespace: string;
  readonly name: string;
  readonly selector: ReadonlyMap<string, string>;
  /** The ports of its Pods; empty if they have only a name and there are no endpoints. */
  readonly podPorts: readonly number[];
}

/** A resource of a version that the API server serves. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  /** Whether Ringfence knows what its objects decide. */
  readonly known: boolean;
}

/** What the API server says it serves. */
export interface Served {
  readonly resources: readonly ServedResource[];
  /** Groups whose resources it could not list: the server of an aggregated API does not answer. */
  readonly stale: readonly string[];
}

/** An object of another policy kind. */
export interface OtherPolicy {
  /** Empty for a cluster-scoped one. */
  readonly namespace: string;
  readonly name: string;
  /** `spec.tier`. */
  readonly tier: string;
}

/** The objects of one other kind that is served. */
export interface OtherPolicies {
  readonly kind: OtherPolicyKind;
  readonly version: string;
  readonly objects: Reading<readonly OtherPolicy[]>;
}

/** Both webhook configurations, as the API server sent them; undefined where there is none. */
export interface WebhookConfigurations {
  readonly validating: unknown;
  readonly mutating: unknown;
}

/** A Pod of Ringfence. */
export interface Replica {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  /** What it answers at /readyz, through the API server. */
  readonly readyz: Reading<unknown>;
  /** The version that it answers at its webhook port, through the API server. */
  readonly release: Reading<string>;
}

/** The certificates that Ringfence serves, as somebody who dials its address gets them. */
export interface ServedCertificate {
  readonly address: string;
  /** The name or IP address that was dialled. */
  readonly host: string;
  /** PEM, the leaf first. */
  readonly chain: string;
}

/** What a run of the doctor knows, each read once. */
export interface FactValues {
  readonly version: ServerVersion;
  readonly config: Config;
  /** Why the configuration cannot be used, a line for each problem; empty if it can. */
  readonly configProblems: readonly string[];
  /** As they are at the time of the run: one whose trial is over is not fenced. */
  readonly namespaces: readonly (Labelled & OnTrial)[];
  /**
   * The arguments of k3s on each node, `server` or `agent` first, by the annotation
   * `k3s.io/node-args`; undefined if that is missing or no list. Empty in other clusters.
   */
  readonly k3sArguments: readonly { readonly args: readonly string[] | undefined }[];
  readonly daemonSets: readonly DaemonSet[];
  /** ConfigMap `cilium-config`; undefined where there is none. */
  readonly ciliumConfig: ReadonlyMap<string, string> | undefined;
  /** ConfigMap `kube-system/amazon-vpc-cni`; undefined where there is none. */
  readonly vpcCniConfig: ReadonlyMap<string, string> | undefined;
  readonly dnsServices: readonly DnsService[];
  readonly pods: readonly PodFact[];
  readonly served: Served;
  /** At least the NetworkPolicies that have the names of the baseline, in all namespaces. */
  readonly baselines: readonly RawObject[];
  readonly otherPolicies: readonly OtherPolicies[];
  readonly webhooks: WebhookConfigurations;
  readonly replicas: readonly Replica[];
  readonly certificate: ServedCertificate;
}

export type FactName = keyof FactValues;

/** What was read of a cluster, and how it was asked. */
export type Facts = { readonly [Name in FactName]: Reading<FactValues[Name]> } & {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Ringfence's own namespace. */
  readonly ownNamespace: string;
  /** The version of this command. */
  readonly release: string;
};

/** The value of a reading, or undefined. */
export function valueIn<T>(reading: Reading<T>): T | undefined {
  return 'value' in reading ? reading.value : undefined;
}
