import type { Audit } from '../audit/audit.ts';
import type { Cause } from '../audit/causes.ts';
import type { Config } from '../config/config.ts';
import { type Mode, modeIn, modes } from '../policy/mode.ts';
import { createJudge } from './again.ts';
import type { AuditLine } from './line.ts';
import { liveOf, type Rollout } from './live.ts';
import { type Reading, readAuditLog } from './read.ts';
import { type Causes, findHoles } from './replay.ts';
import { createTally } from './tally.ts';

/** Whether namespaces may go to enforce. */
export interface Readiness {
  readonly isReady: boolean;
  /**
   * Also those that enforce already: what is wrong in them would be refused now. Not ready first.
   */
  readonly namespaces: readonly ReadyNamespace[];
  /** The namespaces that the configuration exempts. */
  readonly exempt: readonly string[];
  readonly live: {
    readonly judged: number;
    readonly refused: number;
    readonly causes: readonly Cause[];
    readonly rollouts: readonly Rollout[];
  };
  /** Undefined if no log was given. */
  readonly log: ReadyLog | undefined;
  /** What could not be read of the cluster: sentences. */
  readonly unread: readonly string[];
}

export interface ReadyNamespace {
  readonly name: string;
  /** The mode now. */
  readonly mode: Mode;
  /** The mode that comes next, on the way from observe to enforce; undefined in enforce. */
  readonly next: Mode | undefined;
  /** Whether it may go to enforce. `warn` refuses nothing, so every namespace may go there. */
  readonly isReady: boolean;
  /** Live objects that enforce would refuse if they were made again or changed. */
  readonly refused: number;
  /** Recorded requests that enforce would refuse, and that no live object shows to be corrected. */
  readonly recorded: number;
}

/** Admissions of the past, judged again as if every namespace enforced. */
export interface ReadyLog {
  readonly reading: Reading;
  readonly dryRuns: number;
  /** Admitted requests that enforce would refuse. */
  readonly recorded: Causes;
  /** Requests of the same kind whose object lives now and would be admitted. */
  readonly corrected: number;
  readonly undecided: Causes;
  readonly holes: readonly string[];
}

export interface ReadinessOptions {
  /** The only namespace to ask about. */
  readonly namespace: string | undefined;
  readonly logs: readonly string[];
  readonly progress?: (lines: number) => void;
}

/**
 * Says whether namespaces may go to enforce, by what lives now and by audit lines of the past.
 * @param audit the audit of a collection in which every namespace enforces (`asEnforcing`)
 * @param labels the labels of each namespace as they are, by name
 */
export async function judgeReadiness(
  audit: Audit,
  labels: ReadonlyMap<string, ReadonlyMap<string, string>>,
  config: Config,
  { namespace, logs, progress }: ReadinessOptions,
): Promise<Readiness> {
  const asked = audit.namespaces.filter(({ name }) => namespace === undefined || name === namespace);
  if (namespace !== undefined && asked.length === 0) throw new Error(`there is no namespace ${namespace}`);
  const modeOf = (name: string): Mode => modeIn(labels.get(name) ?? new Map(), config.mode).mode;
  const exempt = asked.filter(({ isExempt }) => isExempt).map(({ name }) => name);
  const names = asked.filter(({ isExempt }) => !isExempt).map(({ name }) => name);
  const live = liveOf(audit);
  const open = new Map<string, number>();
  const log =
    logs.length === 0
      ? undefined
      : await readLog(logs, { isAsked: (name) => names.includes(name), live, open, config, progress });
  const namespaces = names.map((name): ReadyNamespace => {
    const [refused, recorded] = [live.refused.get(name) ?? 0, open.get(name) ?? 0];
    const mode = modeOf(name);
    return {
      name,
      mode,
      next: modes[modes.indexOf(mode) + 1],
      isReady: refused === 0 && recorded === 0,
      refused,
      recorded,
    };
  });
  namespaces.sort((a, b) => Number(a.isReady) - Number(b.isReady) || b.refused - a.refused || b.recorded - a.recorded);
  const isHere = ({ namespace: home }: Cause | Rollout) => names.includes(home);
  return {
    isReady: namespaces.every((one) => one.isReady),
    namespaces,
    exempt,
    live: {
      judged: names.reduce((sum, name) => sum + (live.judged.get(name) ?? 0), 0),
      refused: namespaces.reduce((sum, { refused }) => sum + refused, 0),
      causes: live.causes.filter(isHere),
      rollouts: live.rollouts.filter(isHere),
    },
    log,
    unread: audit.notes.filter(({ id }) => id === 'kind-not-listed').map(({ message }) => message),
  };
}

interface LogContext {
  readonly isAsked: (namespace: string) => boolean;
  readonly live: ReturnType<typeof liveOf>;
  /** Counts the requests that are not corrected, by namespace. */
  readonly open: Map<string, number>;
  readonly config: Config;
  readonly progress: ((lines: number) => void) | undefined;
}

async function readLog(
  logs: readonly string[],
  { isAsked, live, open, config, progress }: LogContext,
): Promise<ReadyLog> {
  const judge = createJudge({ ...config, mode: 'enforce' }, { mode: 'enforce', source: 'namespace' });
  const [recorded, undecided] = [createTally(), createTally()];
  let [dryRuns, corrected, silent] = [0, 0, 0];
  const take = async (line: AuditLine): Promise<void> => {
    if (!isAsked(line.kind === 'Namespace' ? line.name : line.namespace)) return;
    if (line.dryRun) {
      dryRuns += 1;
      return;
    }
    if (line.findings.length === 0 && line.permissions === undefined) silent += 1;
    if (line.decision === 'denied') return;
    const { outcome, findings, doubts } = await judge(line);
    if (outcome === 'undecided') undecided.add(line, doubts);
    if (outcome !== 'denied') return;
    if (live.isCorrected(line)) {
      corrected += 1;
      return;
    }
    const home = line.kind === 'Namespace' ? line.name : line.namespace;
    open.set(home, (open.get(home) ?? 0) + 1);
    recorded.add(
      line,
      findings.filter(({ action }) => action === 'deny'),
    );
  };
  const reading = await readAuditLog(logs, take, progress === undefined ? {} : { progress });
  if (reading.audits === 0)
    throw new Error(`${logs.join(', ')}: there is no audit line in it (a line whose msg is "admission decision")`);
  const holes = [
    ...findHoles(reading, silent),
    ...(reading.starts.length === 0
      ? []
      : [
          `a replica started ${reading.starts.length === 1 ? 'once, at' : `${reading.starts.length} times, last at`} ${reading.starts.at(-1)}; lines before a start may be missing`,
        ]),
  ];
  return {
    reading,
    dryRuns,
    recorded: { lines: recorded.lines, ...recorded.causes() },
    corrected,
    undecided: { lines: undecided.lines, ...undecided.causes() },
    holes,
  };
}
