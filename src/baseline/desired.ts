import type { Config, DnsPlace } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import { identityLabels } from '../policy/taxonomy.ts';
import { denyAllSpec } from './deny-all.ts';
import { allowDnsName, configVersionAnnotation, denyAllName, managedByLabel, reservedNames } from './names.ts';
import { openSpec, trialAnnotation } from './trial.ts';

/** The input of a baseline: the name, the labels and the trial of its namespace. */
export interface BaselineNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly trialUntil?: string;
}

/** One object of the baseline, without the values that it takes from its namespace. */
export interface BaselinePart {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
}

/** Returns the parts of the baseline in the order in which they are made: the wall first. */
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
 * Returns the NetworkPolicies that a fenced namespace must have, in the order of the parts. They
 * are complete: a server-side apply sends exactly these objects.
 */
export function desiredBaseline(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return baselineParts(config).map((part) => build(part, namespace, config));
}

/** Returns what the baseline of a namespace becomes at the end of its trial. */
export function openedBaseline(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return reservedNames.map((name) => build({ name, spec: openSpec }, namespace, config));
}

/** Returns the wall of a namespace. */
export function desiredDenyAll(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name: denyAllName, spec: denyAllSpec }, namespace, config);
}

/** Returns the DNS rule of a namespace. */
export function desiredAllowDns(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name: allowDnsName, spec: allowDnsSpec(config.baseline.dns) }, namespace, config);
}

// A full list compares every namespace of the cluster, so the parts are built once for each
// configuration.
const partsOf = new WeakMap<Config, readonly BaselinePart[]>();

function build(
  { name, spec }: BaselinePart,
  namespace: BaselineNamespace,
  { taxonomy, version }: Config,
): NetworkPolicy {
  const identity = identityLabels(namespace.labels, taxonomy);
  // If the taxonomy contains the label, Ringfence does not set it, because its own value would then
  // be drift at every comparison.
  const managed = taxonomy.keys.has(managedByLabel) ? [] : [[managedByLabel, 'ringfence'] as const];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace: namespace.name,
      labels: Object.fromEntries([...managed, ...identity]),
      annotations: {
        [configVersionAnnotation]: version,
        ...(namespace.trialUntil === undefined ? {} : { [trialAnnotation]: namespace.trialUntil }),
      },
    },
    spec,
  };
}

/**
 * Allows egress of every Pod to the cluster's DNS, over UDP and TCP. Clients use TCP for answers
 * that do not fit in a datagram (RFC 7766). The places that have the same ports are in one rule.
 */
function allowDnsSpec(dns: readonly DnsPlace[]): NetworkPolicySpec {
  const rules = Map.groupBy(dns, ({ ports }) => ports.join());
  const egress = [...rules.values()].map((places) => ({
    to: places.flatMap(peersOf),
    ports: (places[0]?.ports ?? []).flatMap((port) => [
      { protocol: 'UDP' as const, port },
      { protocol: 'TCP' as const, port },
    ]),
  }));
  // The empty list removes ingress rules that others added (see denyAllSpec).
  return { podSelector: {}, policyTypes: ['Egress'], ingress: [], egress };
}

/**
 * Returns the peers that select a place of DNS. A namespace is matched by
 * `kubernetes.io/metadata.name`, because only the API server sets this label. A NodeLocal DNS cache
 * answers on an address of the node, which no podSelector can match.
 */
function peersOf({ namespace, podLabels, cidrs }: DnsPlace): readonly NetworkPolicyPeer[] {
  if (namespace === undefined) return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return [
    {
      namespaceSelector: { matchLabels: { [metadataNameLabel]: namespace } },
      podSelector: { matchLabels: podLabels },
    },
  ];
}
