import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import type { PolicyConfig } from '../policy/check.ts';
import type { Mode } from '../policy/mode.ts';
import type { AllowedPort } from '../policy/network-config.ts';

/** The whole configuration: validated, with defaults, and frozen. `merge.ts` makes it. */
export interface Config extends PolicyConfig {
  /** The cluster's mode. */
  readonly mode: Mode;
  /**
   * Orders the configurations of replicas: the resourceVersion of the ConfigMap, or "0" for a file
   * and for the defaults. It is a decimal number that may exceed Number.MAX_SAFE_INTEGER.
   */
  readonly version: string;
  /**
   * The whole names of the namespaces whose Pods, workloads and NetworkPolicies are not judged.
   * They include the built-in exemptions and Ringfence's own namespace. Use `isExempt`, which also
   * knows the prefixes.
   */
  readonly exemptNamespaces: readonly string[];
  /** The namespace in which Ringfence runs; undefined outside a cluster. */
  readonly ownNamespace: string | undefined;
  /**
   * The namespaces that never get a baseline, even if they carry the mark: those with the cluster's
   * own components, and Ringfence's own.
   */
  readonly neverFenced: readonly string[];
  /** Namespaces whose name begins with one of these are exempt too: `openshift-`. */
  readonly exemptPrefixes: readonly string[];
  readonly baseline: BaselineConfig;
  /**
   * Whether missing labels are filled in: labels that must agree with the namespace, and required
   * labels with a safe default.
   */
  readonly inherit: boolean;
  /**
   * Whether the policies of `ringfence manifests --backstop` are installed. Then Ringfence has to
   * answer before the API server evaluates them.
   */
  readonly backstop: boolean;
  /** Additional labels and annotations of both webhook configurations. */
  readonly webhooks: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Kinds of other projects that are judged by their pod template. */
  readonly workloads: readonly OtherWorkload[];
  /** Whether policies of other kinds that can open a fenced namespace are guarded. */
  readonly otherPolicies: boolean;
  readonly audit: { readonly log: AuditLog };
  /** The API in which `audit --publish` writes its reports. */
  readonly reports: ReportsApi;
}

/** Which decisions get an audit line: all, or those of which there is something to say. */
export type AuditLog = 'all' | 'findings';

/** The traffic that the baseline allows. */
export interface BaselineConfig {
  /** The places of DNS, in the order of the file; at least one. */
  readonly dns: readonly DnsPlace[];
  /**
   * With `dns: auto`: whether the place was found in the cluster, or the default is assumed. Absent
   * if the file has the places, or none.
   */
  readonly isDnsFound?: boolean;
  /** The optional parts. Each is off while it is absent. */
  readonly nodeLocalDns?: NodeLocalDns;
  /** The ports that the peers of the role `monitoring` may reach. */
  readonly monitoring?: readonly AllowedPort[];
  /** The ports of exposed Pods that the peers of the role `ingress` may reach. */
  readonly ingress?: readonly AllowedPort[];
  readonly probes?: ProbesPart;
  readonly apiServer?: ApiServerPart;
  readonly thirdParty?: readonly ThirdParty[];
}

/** A NodeLocal DNS cache: its CIDRs, and the ports, each opened for UDP and TCP. */
export interface NodeLocalDns {
  readonly cidrs: readonly string[];
  readonly ports: readonly number[];
}

/**
 * The addresses of the nodes (the peers of the role `nodes` in the file), and the ports of Pods.
 */
export interface ProbesPart {
  readonly cidrs: readonly string[];
  readonly ports: readonly AllowedPort[];
}

/**
 * The addresses of the API server, and the Pods (all if there are no labels) and ports it calls.
 */
export interface ApiServerPart {
  readonly cidrs: readonly string[];
  readonly podLabels: Readonly<Record<string, string>>;
  readonly ports: readonly AllowedPort[];
}

/** A service outside the cluster. */
export interface ThirdParty {
  readonly cidrs: readonly string[];
  readonly ports: readonly AllowedPort[];
}

/** A place where DNS answers: the Pods of a namespace, or addresses. */
export interface DnsPlace {
  /** The namespace's name, matched by `kubernetes.io/metadata.name`; undefined for addresses. */
  readonly namespace: string | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  /** CIDRs, for example of a NodeLocal DNS cache (169.254.20.10/32); empty for Pods. */
  readonly cidrs: readonly string[];
  /** Port numbers, each opened for UDP and TCP (53; OpenShift's pods listen on 5353). */
  readonly ports: readonly number[];
}

/** OpenReports (openreports.io), PolicyReport (wgpolicyk8s.io), or none. */
export type ReportsApi = 'openreports' | 'policyreport' | 'off';
