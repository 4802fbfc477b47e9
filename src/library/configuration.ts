import type { Config } from '../config/config.ts';
import { inForce } from '../config/exceptions.ts';
import { mergeConfig } from '../config/merge.ts';
import { cappedIds } from '../policy/capped.ts';

/** The configuration that the cluster has, and when it is asked about. */
export interface ConfigurationOptions {
  /**
   * The configuration: its text (YAML), or the object of it. The default is the built-in one, as
   * for a command without `--config`.
   */
  readonly config?: string | object | undefined;
  /** The namespace that Ringfence runs in, which is exempt. The default is `ringfence-system`. */
  readonly ringfenceNamespace?: string | undefined;
  /** The time in milliseconds since 1970, by which exceptions end. The default is now. */
  readonly now?: number | undefined;
}

/** The name of the configuration in errors. */
const configFile = 'config';

/**
 * Returns the configuration without the exceptions that have ended. Throws ConfigError with every
 * problem. The compiler of the schema is loaded only for a configuration that was given.
 */
export async function readConfiguration({
  config,
  ringfenceNamespace: ownNamespace = 'ringfence-system',
  now = Date.now(),
}: ConfigurationOptions): Promise<Config> {
  const origin = { ownNamespace, version: '0' };
  if (config === undefined) return mergeConfig({}, origin);
  const { parseConfig } = await import('../config/load.ts');
  const text = typeof config === 'string' ? config : JSON.stringify(config, undefined, 2);
  return inForce(parseConfig(text, { ...origin, file: configFile, checkIds: cappedIds, now }), now);
}
