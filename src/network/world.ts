import type { Labels } from '../kubernetes/labels.ts';
import type { Address } from './address.ts';
import type { Policy, Protocol } from './rules.ts';

/** A pod as its traffic sees it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** `status.podIPs`; empty where they are not known. */
  readonly addresses: readonly Address[];
  /** Where NetworkPolicies do not reach: the pod is the node, to the network. */
  readonly hostNetwork: boolean;
  /** `status.hostIPs`: traffic between a pod and its own node is always allowed. */
  readonly nodeAddresses: readonly Address[];
  /** Container ports with names, by which a policy may call them. */
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
}

/**
 * What the evaluator knows: nothing else exists. Finished pods (Succeeded, Failed) are not in it.
 */
export interface World {
  /** Labels by name, `kubernetes.io/metadata.name` among them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly pods: readonly Pod[];
  readonly policies: readonly Policy[];
}
