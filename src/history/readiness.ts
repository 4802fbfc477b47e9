import type { Audit } from '../audit/audit.ts';
import type { Cause } from '../audit/causes.ts';
import type { Config } from '../config/config.ts';
import { type Mode, modeIn, modes } from '../policy/mode.ts';
import { liveOf, type Rollout } from './live.ts';
import { type ReadyLog, readLog } from './readiness-log.ts';
import { unreadOf } from './unread.ts';

/** Whether namespaces may go to enforce. */
export interface Readiness {
  /**
   * `undecided` if nothing is against it, and not everything could be read or no namespace was
   * asked about.
   */
  readonly state: 'ready' | 'not-ready' | 'undecided';
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
  /** What could not be read of the objects: sentences. */
  readonly unread: readonly string[];
  /** Whether the objects are those of a live cluster, and not of files. */
  readonly isLive: boolean;
}

export interface ReadyNamespace {
  readonly name: string;
  /** The mode now; undefined if its Namespace was not read. */
  readonly mode: Mode | undefined;
  /** The mode that comes next, on the way from observe to enforce; undefined if there is none. */
  readonly next: Mode | undefined;
  /** Whether it may go to enforce. `warn` refuses nothing, so every namespace may go there. */
  readonly isReady: boolean;
  /** Live objects that enforce would refuse if they were made again or changed. */
  readonly refused: number;
  /** Recorded requests that enforce would refuse, and that no live object shows to be corrected. */
  readonly recorded: number;
}

export interface ReadinessOptions {
  /** The only namespace to ask about. */
  readonly namespace: string | undefined;
  readonly logs: readonly string[];
  /** Whether the audit is of a live cluster, and not of files. */
  readonly isLive: boolean;
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
  { namespace, logs, isLive, progress }: ReadinessOptions,
): Promise<Readiness> {
  const isAsked = (name: string): boolean => namespace === undefined || name === namespace;
  const live = liveOf(audit);
  const described = audit.namespaces.filter(({ name }) => isAsked(name));
  const undescribed = [...live.judged.keys()].filter((name) => name !== '' && isAsked(name) && !labels.has(name));
  if (namespace !== undefined && described.length + undescribed.length === 0)
    throw new Error(`there is no namespace ${namespace}`);
  const exempt = described.filter(({ isExempt }) => isExempt).map(({ name }) => name);
  const names = new Set([...described.filter(({ isExempt }) => !isExempt).map(({ name }) => name), ...undescribed]);
  const { log, open } =
    logs.length === 0
      ? { log: undefined, open: new Map<string, number>() }
      : await readLog(logs, { asked: names, isWhole: namespace === undefined, live, config, progress });
  const namespaces = [...names].map((name): ReadyNamespace => {
    const [refused, recorded] = [live.refused.get(name) ?? 0, open.get(name) ?? 0];
    const own = labels.get(name);
    const mode = own === undefined ? undefined : modeIn(own, config.mode).mode;
    return {
      name,
      mode,
      next: mode === undefined ? undefined : modes[modes.indexOf(mode) + 1],
      isReady: refused === 0 && recorded === 0,
      refused,
      recorded,
    };
  });
  namespaces.sort((a, b) => Number(a.isReady) - Number(b.isReady) || b.refused - a.refused || b.recorded - a.recorded);
  const homeless = live.judged.get('') ?? 0;
  const unread = unreadOf(audit, { isAsked, undescribed, homeless, isLive }, config);
  const isHere = ({ namespace: home }: Cause | Rollout) => names.has(home);
  return {
    state: stateOf(namespaces, log, unread),
    namespaces,
    exempt,
    live: {
      judged: [...names].reduce((sum, name) => sum + (live.judged.get(name) ?? 0), 0),
      refused: namespaces.reduce((sum, { refused }) => sum + refused, 0),
      causes: live.causes.filter(isHere),
      rollouts: live.rollouts.filter(isHere),
    },
    log,
    unread,
    isLive,
  };
}

function stateOf(
  namespaces: readonly ReadyNamespace[],
  log: ReadyLog | undefined,
  unread: readonly string[],
): Readiness['state'] {
  const elsewhere = log === undefined ? 0 : log.elsewhere.namespaces.length + log.elsewhere.cluster;
  if (elsewhere > 0 || namespaces.some(({ isReady }) => !isReady)) return 'not-ready';
  return unread.length > 0 || namespaces.length === 0 ? 'undecided' : 'ready';
}
