import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import type { PolicyConfig } from '../policy/check.ts';
import type { Mode } from '../policy/mode.ts';

/**
 * Everything Ringfence is told, validated, defaulted and frozen. Made by `load.ts`; nothing else
 * reads the file or the environment.
 */
export interface Config extends PolicyConfig {
  /** The cluster's mode. */
  readonly mode: Mode;
  /**
   * Orders configurations among replicas: the ConfigMap's resourceVersion, or "0" for a file or the
   * defaults. Decimal text of any length (compare as BigInt).
   */
  readonly version: string;
  /**
   * Namespaces whose Pods, workloads and NetworkPolicies are not judged: whole names, the built-in
   * ones and Ringfence's own among them. Ask `isExempt`, which knows the prefixes as well.
   */
  readonly exemptNamespaces: readonly string[];
  /** The namespace that Ringfence runs in; undefined outside a cluster. */
  readonly ownNamespace: string | undefined;
  /**
   * The namespaces that never get a baseline, whatever mark they carry: those that the cluster
   * itself runs on, and Ringfence's own.
   */
  readonly neverFenced: readonly string[];
  /** Every namespace whose name begins with one of these is exempt as well: `openshift-`. */
  readonly exemptPrefixes: readonly string[];
  readonly baseline: BaselineConfig;
  /**
   * Whether missing labels are filled in: those that must agree with the namespace's, and required
   * ones with a safe default.
   */
  readonly inherit: boolean;
  /**
   * Whether the API server holds policies of ours itself (`ringfence manifests --backstop`), ahead
   * of which we have to answer.
   */
  readonly backstop: boolean;
  /** What both webhook configurations carry beside Ringfence's own labels and annotations. */
  readonly webhooks: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Kinds of other projects that are judged by their pod template. */
  readonly workloads: readonly OtherWorkload[];
  /** Whether policies of other kinds that can open a fenced namespace are guarded. */
  readonly otherPolicies: boolean;
}

/** What the baseline allows. */
export interface BaselineConfig {
  readonly dns: DnsConfig;
}

/** Where DNS is: the Pods that answer, and optionally a NodeLocal DNS cache's address. */
export interface DnsConfig {
  /** The namespace's name, matched by `kubernetes.io/metadata.name`. */
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Port numbers, each opened for UDP and TCP (53; OpenShift's pods listen on 5353). */
  readonly ports: readonly number[];
  /** CIDR of a NodeLocal DNS cache (169.254.20.10/32), or undefined where there is none. */
  readonly nodeLocalCidr: string | undefined;
}
