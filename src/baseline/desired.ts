import type { BaselineConfig, Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import { identityLabels } from '../policy/taxonomy.ts';
import { denyAllSpec } from './deny-all.ts';
import {
  allowDnsName,
  configVersionAnnotation,
  denyAllName,
  managedByLabel,
  type OptionalPart,
  optionalNames,
} from './names.ts';
import { type PartRules, specOf } from './part.ts';
import { allowApiServer } from './parts/api-server.ts';
import { allowDns } from './parts/dns.ts';
import { allowIngressControllers, exposed } from './parts/ingress.ts';
import { allowMonitoring } from './parts/monitoring.ts';
import { allowNodeLocalDns } from './parts/node-local-dns.ts';
import { allowProbes } from './parts/probes.ts';
import { allowThirdParty } from './parts/third-party.ts';
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
  /** What it allows; undefined for the wall, which allows nothing. */
  readonly rules?: PartRules;
  /** The identity labels that it has besides those of its namespace, or instead of them. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Returns the parts of the baseline that the configuration has, in the order in which they are
 * made: the wall first.
 */
export function baselineParts(config: Config): readonly BaselinePart[] {
  const known = partsOf.get(config);
  if (known !== undefined) return known;
  const { baseline, network } = config;
  const optional = Object.entries(optionalNames).flatMap(([key, name]) => {
    const rules = optionalRules[key as OptionalPart](baseline, network.peers);
    return rules === undefined ? [] : [allowing(name, rules)];
  });
  const parts = [{ name: denyAllName, spec: denyAllSpec }, allowing(allowDnsName, allowDns(baseline.dns)), ...optional];
  partsOf.set(config, parts);
  return parts;
}

/**
 * Returns the parts that a namespace with these labels must have. Where nothing may be exposed,
 * ingress controllers are not let in.
 */
export function partsFor(labels: Labels, config: Config): readonly BaselinePart[] {
  const parts = baselineParts(config);
  return labels.get(exposed.key) === 'false' ? parts.filter(({ name }) => name !== optionalNames.ingress) : parts;
}

/**
 * Returns the parts that a namespace with these labels must not have, each without a rule.
 * Ringfence has no right to delete an object, so it takes back what it once allowed by making it
 * allow nothing.
 */
export function withdrawnParts(labels: Labels, config: Config): readonly BaselinePart[] {
  const names = partsFor(labels, config).map(({ name }) => name);
  return withdrawn.filter(({ name }) => !names.includes(name));
}

/** Whether a name is that of a part of the baseline that the configuration has. */
export function isInForce(name: string, config: Config): boolean {
  return baselineParts(config).some((part) => part.name === name);
}

/**
 * Returns the NetworkPolicies that a fenced namespace must have, in the order of the parts. They
 * are complete: a server-side apply sends exactly these objects.
 */
export function desiredBaseline(namespace: BaselineNamespace, config: Config): readonly NetworkPolicy[] {
  return partsFor(namespace.labels, config).map((part) => build(part, namespace, config));
}

/** Returns what an object of the baseline of a namespace becomes at the end of its trial. */
export function openedPart(name: string, namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name, spec: openSpec }, namespace, config);
}

/** Returns the wall of a namespace. */
export function desiredDenyAll(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build({ name: denyAllName, spec: denyAllSpec }, namespace, config);
}

/** Returns the DNS rule of a namespace. */
export function desiredAllowDns(namespace: BaselineNamespace, config: Config): NetworkPolicy {
  return build(allowing(allowDnsName, allowDns(config.baseline.dns)), namespace, config);
}

/** Returns one object of the baseline of a namespace, as a server-side apply sends it. */
export function build(part: BaselinePart, namespace: BaselineNamespace, { taxonomy, version }: Config): NetworkPolicy {
  const identity = identityLabels(namespace.labels, taxonomy);
  // If the taxonomy contains the label, Ringfence does not set it, because its own value would then
  // be drift at every comparison.
  const managed = taxonomy.keys.has(managedByLabel) ? [] : [[managedByLabel, 'ringfence'] as const];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: part.name,
      namespace: namespace.name,
      labels: { ...Object.fromEntries([...managed, ...identity]), ...part.labels },
      annotations: {
        [configVersionAnnotation]: version,
        ...(namespace.trialUntil === undefined ? {} : { [trialAnnotation]: namespace.trialUntil }),
      },
    },
    spec: part.spec,
  };
}

// A full list compares every namespace of the cluster, so the parts are built once for each
// configuration.
const partsOf = new WeakMap<Config, readonly BaselinePart[]>();

/** The rules of each optional part; undefined while it is off. */
const optionalRules: Readonly<
  Record<OptionalPart, (baseline: BaselineConfig, peers: readonly NamedPeer[]) => PartRules | undefined>
> = {
  nodeLocalDns: ({ nodeLocalDns }) => nodeLocalDns && allowNodeLocalDns(nodeLocalDns),
  monitoring: ({ monitoring }, peers) => monitoring && allowMonitoring(monitoring, peers),
  ingress: ({ ingress }, peers) => ingress && allowIngressControllers(ingress, peers),
  probes: ({ probes }) => probes && allowProbes(probes),
  apiServer: ({ apiServer }) => apiServer && allowApiServer(apiServer),
  thirdParty: ({ thirdParty }) => thirdParty && allowThirdParty(thirdParty),
};

function allowing(name: string, rules: PartRules): BaselinePart {
  // A policy that lets the outside in says so by its label.
  const labels = name === optionalNames.ingress ? { [exposed.key]: exposed.value } : {};
  return { name, spec: specOf(rules), rules, labels };
}

const withdrawn: readonly BaselinePart[] = Object.values(optionalNames).map((name) => {
  const isEgress = name === optionalNames.nodeLocalDns || name === optionalNames.thirdParty;
  return { name, spec: specOf({ direction: isEgress ? 'egress' : 'ingress', podLabels: {}, rules: [] }) };
});
