import type { Labels } from '../kubernetes/labels.ts';
import type { Address, Range } from './address.ts';
import type { Policy, Protocol } from './rules.ts';
import type { TieredPolicy } from './tiered-policy.ts';

/** The properties of a pod that affect its traffic. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** `status.podIPs`. Empty if they are not known. */
  readonly addresses: readonly Address[];
  /** True for a pod in its node's network, where NetworkPolicies have no effect. */
  readonly hostNetwork: boolean;
  /** `status.hostIPs`: traffic between a pod and its own node is always allowed. */
  readonly nodeAddresses: readonly Address[];
  /** Container ports with names, which a policy may use. */
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
}

/** Everything that the evaluator knows. Finished pods (Succeeded, Failed) are not in it. */
export interface World {
  /** Labels by the namespace's name, including `kubernetes.io/metadata.name`. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly pods: readonly Pod[];
  readonly policies: readonly Policy[];
  /** The networks in which a pod may be if its address is not known. The default is any address. */
  readonly podNetworks?: readonly Range[];
  /** Policies that stand before and after NetworkPolicies, with the addresses of their Nodes. */
  readonly tiered?: readonly TieredPolicy[];
}
