import { systemNamespaces } from '../kubernetes/namespaces.ts';
import type { Role } from '../policy/taxonomy.ts';
import { mergeBaseline } from './baseline.ts';
import type { Config } from './config.ts';
import { builtInExemptNamespaces, defaultFile } from './defaults.ts';
import { buildExceptions } from './exceptions.ts';
import { mergeNetwork } from './network.ts';
import type { ConfigFile } from './schema.ts';
import { buildKey, mergeTaxonomy } from './taxonomy.ts';

/** The parts of the configuration that do not come from the file. */
export interface ConfigOrigin {
  /** See {@link Config.version}. */
  readonly version: string;
  /** The namespace in which Ringfence runs, always exempt; undefined outside a cluster. */
  readonly ownNamespace: string | undefined;
}

/** Merges a valid file with the defaults. Returns a frozen Config. */
export function mergeConfig(file: Partial<ConfigFile>, origin: ConfigOrigin): Config {
  const entries = mergeTaxonomy(file.taxonomy ?? {});
  const required = (role: Role): readonly string[] =>
    file.required?.[role] ?? defaultFile.required[role].filter((key) => entries.has(key));
  const exempt = file.exempt?.namespaces ?? [];
  const own = origin.ownNamespace === undefined ? [] : [origin.ownNamespace];
  const baseline = mergeBaseline(file);
  const keys = new Map([...entries].map(([key, entry]) => [key, buildKey(key, entry)]));
  return freezeDeep({
    mode: file.mode ?? defaultFile.mode,
    version: origin.version,
    taxonomy: {
      keys,
      required: { Namespace: required('Namespace'), Pod: required('Pod'), NetworkPolicy: required('NetworkPolicy') },
    },
    caps: new Map(Object.entries(file.checks ?? {})),
    exemptNamespaces: [
      ...new Set([...builtInExemptNamespaces, ...own, ...exempt.filter((name) => !name.endsWith('*'))]),
    ],
    exemptPrefixes: exempt.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1)),
    ownNamespace: origin.ownNamespace,
    neverFenced: [...systemNamespaces, ...own],
    baseline,
    inherit: file.inherit ?? defaultFile.inherit,
    backstop: file.backstop ?? defaultFile.backstop,
    webhooks: { labels: { ...file.webhooks?.labels }, annotations: { ...file.webhooks?.annotations } },
    exceptions: buildExceptions(file.exceptions ?? []),
    workloads: (file.workloads ?? defaultFile.workloads).map(({ versions = ['*'], template, ...names }) => ({
      ...names,
      versions: [...versions],
      template: template.split('.'),
    })),
    otherPolicies: file.otherPolicies ?? defaultFile.otherPolicies,
    audit: { log: file.audit?.log ?? defaultFile.audit.log },
    reports: file.reports ?? defaultFile.reports,
    network: mergeNetwork(file, keys, baseline),
  });
}

/**
 * Freezes a value with everything in it, and returns it. The methods that change a Map throw,
 * because `Object.freeze` does not affect them.
 */
function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const method of ['set', 'delete', 'clear'] as const)
      Object.defineProperty(value, method, {
        value: () => {
          throw new TypeError('the configuration does not change');
        },
      });
    for (const held of value.values()) freezeDeep(held);
  }
  Object.freeze(value);
  for (const held of Object.values(value)) freezeDeep(held);
  return value;
}
