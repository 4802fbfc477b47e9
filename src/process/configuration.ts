import { webhookConfigurationName } from '../admission/webhooks.ts';
import { configVersionAnnotation } from '../baseline/names.ts';
import type { ConfigMaps, WebhookConfigurations } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import { defaultConfig, loadConfigFile, parseConfig, readConfigText } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { annotationOf } from '../installation/webhook-configuration.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import { cappedIds as checkIds } from '../policy/capped.ts';

/** The ConfigMap that contains the configuration, and the key of its text. */
export const configMapName = 'ringfence';
const configMapKey = 'config.yaml';

/**
 * Reads the configuration of a file, or returns the defaults. Throws ConfigError with every
 * problem.
 */
export function fileConfig(path: string | undefined, ownNamespace: string): Config {
  const origin = { ownNamespace, version: '0' };
  return path === undefined ? defaultConfig(origin) : loadConfigFile(path, { ...origin, checkIds });
}

/**
 * A configuration file that may change while the process runs. It may be in a mounted ConfigMap,
 * whose files the kubelet replaces all at once.
 */
export interface OpenFile {
  /** The configuration when the file was opened. */
  readonly initial: Config;
  /**
   * Reads the configuration. Resolves to the same object as long as the text is the same. Throws
   * ConfigError with every problem.
   */
  read(): Promise<Config>;
}

/**
 * Opens a configuration file that is read repeatedly. A new text counts only when two reads in a
 * row find it, because a file that is being written may be empty for a moment, and an empty file
 * means the defaults. Throws ConfigError with every problem.
 */
export function openFile(path: string, ownNamespace: string): OpenFile {
  const parse = (text: string): Config => parseConfig(text, { file: path, ownNamespace, version: '0', checkIds });
  const text = readConfigText(path);
  const initial = parse(text);
  let seen = text;
  let taken: { readonly text: string; readonly outcome: Config | ConfigError } = { text, outcome: initial };
  let good = { text, config: initial };

  function take(changed: string): void {
    try {
      if (changed !== good.text) good = { text: changed, config: parse(changed) };
      taken = { text: changed, outcome: good.config };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      taken = { text: changed, outcome: error };
    }
  }

  return {
    initial,
    async read() {
      const found = readConfigText(path);
      if (found === seen && found !== taken.text) take(found);
      seen = found;
      if (taken.outcome instanceof ConfigError) throw taken.outcome;
      return taken.outcome;
    },
  };
}

/**
 * Reads the configuration in the cluster. Resolves to undefined if there is no ConfigMap, which
 * means the defaults. The version of the configuration is the ConfigMap's resourceVersion, which
 * orders the replicas. Throws ConfigError with every problem, and ApiError if the read fails.
 */
export async function clusterConfig(configMaps: ConfigMaps, ownNamespace: string): Promise<Config | undefined> {
  const configMap = await configMaps.get(ownNamespace, configMapName);
  if (configMap === undefined) return undefined;
  const file = `configmap/${ownNamespace}/${configMapName}:${configMapKey}`;
  return parseConfig(configMap.data?.[configMapKey] ?? '', {
    file,
    ownNamespace,
    version: configMap.metadata.resourceVersion ?? '0',
    checkIds,
  });
}

/**
 * The ConfigMap does not exist, but an installation that has one runs. The other replicas still
 * judge by it, so a replica that starts must not judge by the defaults, nor write them.
 */
export class ConfigMapGone extends Error {
  override readonly name = 'ConfigMapGone';

  constructor(ownNamespace: string, version: bigint) {
    const what = `ConfigMap ${ownNamespace}/${configMapName}`;
    super(
      `${what} does not exist, and the webhook configurations are of an installation that had one (version ${version}); apply it again, or an empty one for the defaults`,
    );
  }
}

/**
 * The configuration of a replica that starts: what `read` finds, or the defaults in a cluster that
 * has never had a ConfigMap. Throws {@link ConfigMapGone} if it had one, and what `read` throws.
 */
export async function firstConfig(
  read: () => Promise<Config | undefined>,
  configurations: Pick<WebhookConfigurations, 'get'>,
  ownNamespace: string,
): Promise<Config> {
  const found = await read();
  if (found !== undefined) return found;
  const written = await Promise.all(
    (['Validating', 'Mutating'] as const).map(async (kind) => {
      const configuration = await configurations.get(kind, webhookConfigurationName);
      return readResourceVersion(annotationOf(configuration, configVersionAnnotation)) ?? 0n;
    }),
  );
  const version = written.find((one) => one > 0n);
  if (version !== undefined) throw new ConfigMapGone(ownNamespace, version);
  return fileConfig(undefined, ownNamespace);
}
