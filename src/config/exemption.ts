import type { Config } from './config.ts';

/** The exemptions of the configuration: whole names and prefixes of names. */
export type Exemptions = Pick<Config, 'exemptNamespaces' | 'exemptPrefixes'>;

/** Whether a namespace of this name is exempt. */
export function isExempt(name: string, { exemptNamespaces, exemptPrefixes }: Exemptions): boolean {
  return exemptNamespaces.includes(name) || exemptPrefixes.some((prefix) => name.startsWith(prefix));
}

/** Returns the exemptions as a person writes them: `kube-system`, `openshift-*`. */
export function listExemptions({ exemptNamespaces, exemptPrefixes }: Exemptions): readonly string[] {
  return [...exemptNamespaces, ...exemptPrefixes.map((prefix) => `${prefix}*`)];
}
