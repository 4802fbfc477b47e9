/** The names of the baseline's NetworkPolicies. They are reserved in a fenced namespace. */
export const denyAllName = 'deny-all-baseline';
export const allowDnsName = 'allow-dns-egress';

/**
 * The annotation that names the configuration which wrote an object: {@link Config.version} as
 * decimal text.
 */
export const configVersionAnnotation = 'ringfence.dev/config-version';

/** The recommended Kubernetes label for the tool that manages an object. */
export const managedByLabel = 'app.kubernetes.io/managed-by';

/** Both names, in the order in which the objects are made. */
export const reservedNames: readonly string[] = [denyAllName, allowDnsName];

/** Whether a NetworkPolicy's name is one of the baseline's. */
export function isReservedName(name: string): boolean {
  return reservedNames.includes(name);
}
