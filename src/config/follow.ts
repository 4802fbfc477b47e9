import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from './config.ts';
import { ConfigError } from './problem.ts';

/** The log, as pino offers it. */
export interface FollowLog {
  warn(fields: object, message: string): void;
}

export interface FollowOptions {
  /** The configuration as it stands in the cluster; undefined where there is none. Throws ConfigError, or where there is no answer. */
  readonly read: () => Promise<Config | undefined>;
  readonly initial: Config;
  /** Called with each new configuration. */
  readonly onChange: (config: Config) => void;
  readonly log: FollowLog;
  /** Milliseconds between two looks. One GET by name costs the API server nothing, and a watch would need a right to list. */
  readonly intervalMs?: number;
}

/**
 * Follows the configuration until aborted. One that cannot be used, or is gone, leaves the old one in force, and that is said once:
 * no slip in a file may take the gate away, or shut it.
 */
export async function followConfig(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { read, onChange, log, intervalMs = 5_000 } = options;
  let version = options.initial.version;
  let complaint = '';
  const complain = (reason: string): void => {
    if (reason !== complaint) log.warn({ reason, version }, 'configuration not usable, the old one stays');
    complaint = reason;
  };
  while (!signal.aborted) {
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const config = await read();
      if (config === undefined) complain('the ConfigMap is gone');
      else {
        complaint = '';
        if (config.version !== version) {
          version = config.version;
          onChange(config);
        }
      }
    } catch (error) {
      // No answer is no news: the API server's silence is told by the informers.
      if (error instanceof ConfigError) complain(error.message);
    }
  }
}
