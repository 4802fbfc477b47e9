import type { ConfigMaps } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import { defaultConfig, loadConfigFile, parseConfig, readConfigText } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { checks } from '../policy/checks/index.ts';
import { permissionRules } from '../policy/permissions.ts';

/** The ConfigMap that holds the configuration in the cluster, and the key its text stands under. */
export const configMapName = 'ringfence';
const configMapKey = 'config.yaml';

/**
 * What `checks` in the configuration may cap. The guards that hold in every mode are not among
 * them.
 */
const checkIds: readonly string[] = [...checks, ...Object.values(permissionRules)].map(({ id }) => id);

/** The configuration of a file, or the defaults. Throws ConfigError with every problem. */
export function fileConfig(path: string | undefined, ownNamespace: string): Config {
  const origin = { ownNamespace, version: '0' };
  return path === undefined ? defaultConfig(origin) : loadConfigFile(path, { ...origin, checkIds });
}

/**
 * A configuration file that may change under a running process: also a mounted ConfigMap, which the
 * kubelet swaps whole.
 */
export interface OpenFile {
  /** As it was when it was opened. */
  readonly initial: Config;
  /**
   * As it is: the same object as long as the text is the same. Throws ConfigError with every
   * problem.
   */
  read(): Promise<Config>;
}

/**
 * Opens a configuration file, to be read again and again. A new text is taken when two readings in
 * a row found it: a file that is being written may be empty for a moment, which would mean the
 * defaults. Throws ConfigError with every problem.
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
 * The configuration that the cluster holds; undefined where there is no ConfigMap (the defaults
 * hold then). Its resourceVersion orders the replicas. Throws ConfigError with every problem,
 * ApiError where there is no answer.
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
