/**
 * The names under which the baseline stands in the API. They are reserved in a fenced namespace.
 */
export const denyAllName = 'deny-all-baseline';
export const allowDnsName = 'allow-dns-egress';

/**
 * The annotation that says which configuration wrote an object: {@link Config.version} as decimal
 * text.
 */
export const configVersionAnnotation = 'ringfence.dev/config-version';

/** The recommended Kubernetes label that says which tool an object belongs to. */
export const managedByLabel = 'app.kubernetes.io/managed-by';

/** Both, in the order in which they are made. */
export const reservedNames: readonly string[] = [denyAllName, allowDnsName];

/** Whether a NetworkPolicy's name is one of the baseline's. */
export function isReservedName(name: string): boolean {
  return reservedNames.includes(name);
}
