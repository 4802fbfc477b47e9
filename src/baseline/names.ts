/** The names of the baseline's NetworkPolicies. They are reserved in a fenced namespace. */
export const denyAllName = 'deny-all-baseline';
export const allowDnsName = 'allow-dns-egress';

/** The optional parts of the baseline: the keys under `baseline` in the configuration. */
export type OptionalPart = 'nodeLocalDns' | 'monitoring' | 'ingress' | 'probes' | 'apiServer' | 'thirdParty';

/** The names of the optional parts. Each is reserved only while the configuration has the part. */
export const optionalNames: Readonly<Record<OptionalPart, string>> = {
  nodeLocalDns: 'allow-node-local-dns-baseline',
  monitoring: 'allow-monitoring-baseline',
  ingress: 'allow-ingress-controllers-baseline',
  probes: 'allow-probes-baseline',
  apiServer: 'allow-api-server-baseline',
  thirdParty: 'allow-third-party-baseline',
};

/**
 * The annotation that names the configuration which wrote an object: {@link Config.version} as
 * decimal text.
 */
export const configVersionAnnotation = 'ringfence.dev/config-version';

/** The recommended Kubernetes label for the tool that manages an object. */
export const managedByLabel = 'app.kubernetes.io/managed-by';

/**
 * Every name that an object of a baseline can have, in the order in which the objects are made. The
 * configuration says which of them are in force: `isInForce` in `desired.ts`.
 */
export const reservedNames: readonly string[] = [denyAllName, allowDnsName, ...Object.values(optionalNames)];

/** Whether a NetworkPolicy's name is one that an object of a baseline can have. */
export function isReservedName(name: string): boolean {
  return reservedNames.includes(name);
}

/** What an object of the baseline does, in a few words, by its name. */
export function purposeOf(name: string): string {
  return purposes[name] ?? 'nothing in, nothing out, for every Pod';
}

const purposes: Readonly<Record<string, string>> = {
  [allowDnsName]: 'egress to DNS',
  [optionalNames.nodeLocalDns]: 'egress to the NodeLocal DNS cache',
  [optionalNames.monitoring]: 'ingress from monitoring',
  [optionalNames.ingress]: 'ingress from ingress controllers to exposed Pods',
  [optionalNames.probes]: 'ingress from nodes, for probes',
  [optionalNames.apiServer]: 'ingress from the API server to webhooks',
  [optionalNames.thirdParty]: 'egress to third parties',
};
