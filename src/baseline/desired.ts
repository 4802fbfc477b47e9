import type { Config, DnsConfig } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import { identityLabels } from '../policy/taxonomy.ts';
import { denyAllSpec } from './deny-all.ts';
import { allowDnsName, configVersionAnnotation, denyAllName, managedByLabel } from './names.ts';

/** What the baseline is made from: a namespace's name and its labels. */
export interface BaselineNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** One object of the baseline, without what it takes from its namespace. */
export interface BaselinePart {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
}

/**
 * What the baseline consists of under a configuration, in the order in which it is made (the wall
 * first).
 */
export function baselineParts(config: Config): readonly BaselinePart[] {
  const known = partsOf.get(config);
  if (known !== undefined) return known;
  const parts = [
    { name: denyAllName, spec: denyAllSpec },
    { name: allowDnsName, spec: allowDnsSpec(config.baseline.dns) },
  ];
  partsOf.set(config, parts);
  return parts;
}

/**
 * The NetworkPolicies that a fenced namespace must have: exactly what a server-side apply sends,
 * complete, in the order of the parts.
 */
export function desiredBaseline(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return baselineParts(config).map((part) => build(part, namespace, config));
}

/** The wall of a namespace. */
export function desiredDenyAll(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name: denyAllName, spec: denyAllSpec }, namespace, config);
}

/** The DNS egress of a namespace. */
export function desiredAllowDns(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name: allowDnsName, spec: allowDnsSpec(config.baseline.dns) }, namespace, config);
}

// A relist compares every namespace of the cluster: the parts are built once for each
// configuration, not for each namespace.
const partsOf = new WeakMap<Config, readonly BaselinePart[]>();

function build(
  { name, spec }: BaselinePart,
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

/**
 * Egress of every Pod to the cluster's DNS, over UDP and TCP: answers that do not fit a datagram
 * are asked again over TCP (RFC 7766). The namespace is matched by `kubernetes.io/metadata.name`,
 * which the API server itself sets and keeps.
 */
function allowDnsSpec(dns: DnsConfig): NetworkPolicySpec {
  const pods: NetworkPolicyPeer = {
    namespaceSelector: { matchLabels: { [metadataNameLabel]: dns.namespace } },
    podSelector: { matchLabels: dns.podLabels },
  };
  // A NodeLocal DNS cache answers on an address of the node, which no selector of Pods can match.
  const to = dns.nodeLocalCidr === undefined ? [pods] : [pods, { ipBlock: { cidr: dns.nodeLocalCidr } }];
  const ports = dns.ports.flatMap((port) => [
    { protocol: 'UDP' as const, port },
    { protocol: 'TCP' as const, port },
  ]);
  // The empty list takes away ingress rules that someone else added: see deny-all.
  return { podSelector: {}, policyTypes: ['Egress'], ingress: [], egress: [{ to, ports }] };
}
