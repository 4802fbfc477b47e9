import type { ConfigMaps } from './cluster/config-maps.ts';
import type { Config } from './config/config.ts';
import { defaultConfig, loadConfigFile, parseConfig } from './config/load.ts';
import { checks } from './policy/checks/index.ts';
import { permissionRules } from './policy/permissions.ts';

/** The ConfigMap that holds the configuration in the cluster, and the key its text stands under. */
export const configMapName = 'ringfence';
const configMapKey = 'config.yaml';

/** What `checks` in the configuration may cap. The guards that hold in every mode are not among them. */
const checkIds: readonly string[] = [...checks, ...Object.values(permissionRules)].map(({ id }) => id);

/** The configuration of a file, or the defaults. Throws ConfigError with every problem. */
export function fileConfig(path: string | undefined, ownNamespace: string): Config {
  const origin = { ownNamespace, version: '0' };
  return path === undefined ? defaultConfig(origin) : loadConfigFile(path, { ...origin, checkIds });
}

/**
 * The configuration that the cluster holds; undefined where there is no ConfigMap (the defaults hold then).
 * Its resourceVersion orders the replicas. Throws ConfigError with every problem, ApiError where there is no answer.
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
