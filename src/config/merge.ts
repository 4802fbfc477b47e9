import type { Role } from '../policy/taxonomy.ts';
import type { Config } from './config.ts';
import { builtInExemptNamespaces, defaultFile } from './defaults.ts';
import { freezeDeep } from './freeze.ts';
import type { ConfigFile } from './schema.ts';
import { buildKey, mergeTaxonomy } from './taxonomy.ts';

/** What the configuration takes from where the process runs, not from the file. */
export interface ConfigOrigin {
  /** Orders configurations among replicas: the ConfigMap's resourceVersion, or "0" for a file or the defaults. */
  readonly version: string;
  /** The namespace Ringfence itself runs in, always exempt; undefined outside a cluster. */
  readonly ownNamespace: string | undefined;
}

/** A valid file laid over the defaults: the one frozen Config. */
export function mergeConfig(file: Partial<ConfigFile>, origin: ConfigOrigin): Config {
  const entries = mergeTaxonomy(file.taxonomy ?? {});
  const required = (role: Role): readonly string[] =>
    file.required?.[role] ?? defaultFile.required[role].filter((key) => entries.has(key));
  const own = origin.ownNamespace === undefined ? [] : [origin.ownNamespace];
  const dns = { ...defaultFile.baseline.dns, ...file.baseline?.dns };
  return freezeDeep({
    mode: file.mode ?? defaultFile.mode,
    version: origin.version,
    taxonomy: {
      keys: new Map([...entries].map(([key, entry]) => [key, buildKey(key, entry)])),
      required: { Namespace: required('Namespace'), Pod: required('Pod'), NetworkPolicy: required('NetworkPolicy') },
    },
    caps: new Map(Object.entries(file.checks ?? {})),
    exemptNamespaces: [...new Set([...builtInExemptNamespaces, ...own, ...(file.exempt?.namespaces ?? [])])],
    baseline: {
      dns: {
        namespace: dns.namespace,
        podLabels: { ...dns.podLabels },
        ports: [...dns.ports],
        nodeLocalCidr: dns.nodeLocalCidr,
      },
    },
  });
}
