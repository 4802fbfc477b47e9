import type { Config } from '../config/config.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../network/network-policy.ts';
import { identityLabels, type Labels } from '../policy/taxonomy.ts';
import { allowDnsSpec } from './allow-dns.ts';
import { denyAllSpec } from './deny-all.ts';
import { allowDnsName, configVersionAnnotation, denyAllName, managedByLabel } from './names.ts';

/** What the baseline is made from: a namespace's name and its labels. */
export interface BaselineNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** The NetworkPolicies that a fenced namespace must have, in the order in which they are made (the wall first). */
export function desiredBaseline(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return [desiredDenyAll(namespace, config), desiredAllowDns(namespace, config)];
}

/** The wall of a namespace. */
export function desiredDenyAll(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build(denyAllName, denyAllSpec, namespace, config);
}

/** The DNS egress of a namespace. */
export function desiredAllowDns(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build(allowDnsName, allowDnsSpec(config.baseline.dns), namespace, config);
}

function build(
  name: string,
  spec: NetworkPolicySpec,
  namespace: BaselineNamespace,
  { taxonomy, version }: Config,
): NetworkPolicy {
  const identity = identityLabels(namespace.labels, taxonomy);
  // A taxonomy that claims the label for itself has it: else our own value would be drift for ever.
  const managed = taxonomy.keys.has(managedByLabel) ? [] : [[managedByLabel, 'ringfence'] as const];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace: namespace.name,
      labels: Object.fromEntries([...managed, ...identity]),
      annotations: { [configVersionAnnotation]: version },
    },
    spec,
  };
}
