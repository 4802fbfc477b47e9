import { repeat } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Config } from './config.ts';
import { ConfigError } from './problem.ts';

/** The state of the configuration in force, compared with its source. */
export interface FollowState {
  /** The version of the configuration in force. */
  readonly version: string;
  /**
   * Why the content of the source cannot be used, in ten lines at most; undefined if it is in
   * force.
   */
  readonly problem: string | undefined;
  /**
   * The time since which this state holds. Without a problem, it is the start, or the time when the
   * source was last found usable after a change or a problem.
   */
  readonly since: Date;
}

export interface FollowOptions {
  /**
   * Reads the configuration; undefined if there is none. Throws ConfigError if it is not valid, and
   * another error if the read fails. A configuration without a version of its own ("0": a file)
   * must be the same object as long as its text is the same.
   */
  readonly read: () => Promise<Config | undefined>;
  readonly initial: Config;
  /** Called with each new configuration. */
  readonly onChange: (config: Config) => void;
  /** Called at once with the state, and at each change of it. */
  readonly onState?: (state: FollowState) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /**
   * Milliseconds between two reads, ±10 %. A GET by name costs the API server almost nothing, and a
   * watch would need the right to list.
   */
  readonly intervalMs?: number;
}

/**
 * Follows the configuration until aborted. The first read comes at once. If the new configuration
 * cannot be used, or is gone, the old one stays in force and the problem is logged once. A mistake
 * in a file must neither open nor close the gate.
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
      // Without a ConfigMap from the start the defaults apply, and its absence is not a problem.
      else if (current.version !== noVersion) complain('the ConfigMap is gone');
    } catch (error) {
      // A failed read is not a problem of the configuration. The informers report an API server
      // that does not answer.
      if (!(error instanceof ConfigError)) throw error;
      complain(error.message);
    }
  }

  tell();
  // The process may have waited for minutes since it read `initial`. A failure is no news: the next
  // read comes after the pause.
  await look().catch(() => undefined);
  await repeat(look, { everyMs: intervalMs, signal });
}

/** Returns the notes of the readiness detail about a state; none without a problem. */
export function notesOf({ version, problem, since }: FollowState): readonly string[] {
  if (problem === undefined) return [];
  const old = version === noVersion ? 'the old one' : `version ${version}`;
  return [`configuration not usable since ${since.toISOString()}, ${old} stays: ${problem}`];
}

/** The version of a configuration that is not in the cluster: a file or the defaults. */
const noVersion = '0';

function isOther(config: Config, current: Config): boolean {
  return config.version === noVersion ? config !== current : config.version !== current.version;
}

/**
 * Limits of the problem in the state, because a file may have many. The log contains all of them.
 */
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
