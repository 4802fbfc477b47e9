import { repeat } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Config } from './config.ts';
import { ConfigError } from './problem.ts';

/** How the configuration in force stands to what its source holds now. */
export interface FollowState {
  /** Of the configuration in force. */
  readonly version: string;
  /**
   * Why what the source holds cannot be used: ten lines at most. Undefined where it is what is in
   * force.
   */
  readonly problem: string | undefined;
  /**
   * Since when that is so. Without a problem: when the source was last found usable after a change,
   * or a problem, or at the start.
   */
  readonly since: Date;
}

export interface FollowOptions {
  /**
   * The configuration as it stands; undefined where there is none. Throws ConfigError, or where
   * there is no answer. What has no version of its own ("0": a file) is the same object as long as
   * its source says the same.
   */
  readonly read: () => Promise<Config | undefined>;
  readonly initial: Config;
  /** Called with each new configuration. */
  readonly onChange: (config: Config) => void;
  /** Called at once with how things stand, and whenever that has changed. */
  readonly onState?: (state: FollowState) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /**
   * Milliseconds between two looks, ±10 %. One GET by name costs the API server nothing, and a
   * watch would need a right to list.
   */
  readonly intervalMs?: number;
}

/**
 * Follows the configuration until aborted. One that cannot be used, or is gone, leaves the old one
 * in force, and that is said once: no slip in a file may take the gate away, or shut it.
 */
export async function followConfig(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { read, onChange, onState, log, intervalMs = 5_000 } = options;
  let current = options.initial;
  let complaint: string | undefined;

  function tell(): void {
    onState?.({ version: current.version, problem: boundProblem(complaint), since: new Date() });
  }

  function complain(reason: string): void {
    if (reason === complaint) return;
    complaint = reason;
    log.warn({ reason, version: current.version }, 'configuration not usable, the old one stays');
    tell();
  }

  function take(config: Config): void {
    const isNew = isOther(config, current);
    if (!isNew && complaint === undefined) return;
    if (!isNew) log.info({ version: current.version }, 'configuration usable again');
    complaint = undefined;
    current = config;
    if (isNew) onChange(config);
    tell();
  }

  async function look(): Promise<void> {
    try {
      const found = await read();
      if (found !== undefined) take(found);
      // Without a ConfigMap the defaults hold, and they need not be told that it is not there.
      else if (current.version !== noVersion) complain('the ConfigMap is gone');
    } catch (error) {
      // No answer is no news: the API server's silence is told by the informers.
      if (!(error instanceof ConfigError)) throw error;
      complain(error.message);
    }
  }

  tell();
  await repeat(look, { everyMs: intervalMs, signal });
}

/** What the readiness detail says of a state: nothing where all is well. */
export function notesOf({ version, problem, since }: FollowState): readonly string[] {
  if (problem === undefined) return [];
  const old = version === noVersion ? 'the old one' : `version ${version}`;
  return [`configuration not usable since ${since.toISOString()}, ${old} stays: ${problem}`];
}

/** The version of what is in no cluster: a file, the defaults. */
const noVersion = '0';

function isOther(config: Config, current: Config): boolean {
  return config.version === noVersion ? config !== current : config.version !== current.version;
}

/** A file may have as many problems as lines; the log has them all. */
const shownLines = 10;
const shownLength = 1_000;

function boundProblem(problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  const lines = problem.split('\n');
  const left = lines.length - shownLines;
  const text = lines.slice(0, shownLines).join('\n');
  const shown = text.length > shownLength ? `${text.slice(0, shownLength - 1).toWellFormed()}…` : text;
  return left > 0 ? `${shown}\nand ${left} more` : shown;
}
