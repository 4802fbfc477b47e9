import PQueue from 'p-queue';
import { apiCode } from '../retry/answer.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { type Claim, claimOf } from './claim.ts';
import { brief, headlineOf } from './message.ts';
import type { Occurrence } from './occurrence.ts';
import type { EventWriter, StoredEvent } from './ports.ts';
import { findRegarding, type Regarding, type RegardingPorts } from './regarding.ts';
import { addToEvent, type News } from './tally.ts';
import { createTokenBuckets } from './token-buckets.ts';

/**
 * What became of an occurrence, or of a write: an Event `written`; an occurrence `repeated`, counted into an Event that is to be written;
 * `dropped` by the limits, or for want of an object to stand on; a write `failed`.
 */
export type Recorded = 'written' | 'repeated' | 'dropped' | 'failed';

export interface RecorderPorts extends RegardingPorts {
  readonly events: EventWriter;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics?: { recorded(outcome: Recorded): void };
}

/** Turns occurrences into Kubernetes Events: few, counted, on the object a person looks at. An Event is a hint; the audit line is the record. */
export interface Recorder {
  /** Returns at once, whatever the API server does, and never throws: the review has been answered. */
  record(occurrence: Occurrence): void;
  /** Resolves once everything taken has been written or given up. */
  idle(): Promise<void>;
  /** Takes no more. What waits is written without further delay, for two seconds at most. */
  stop(): void;
}

/**
 * From the first occurrence to the first write. A ReplicaSet tries a dozen times in that time: one write. And an object whose creation has
 * just been admitted exists by then.
 */
const settleMs = 1_000;
/** Between two writes of one Event. */
const spacingMs = 10_000;
/**
 * Events that are remembered, because something is to be written or was lately (a few KiB each), and how many of them may wait for their turn
 * (forty seconds' worth). Refusals, which anyone can cause, leave room for the uses of permissions.
 */
const limits = {
  Denied: { entries: 800, queued: 200, priority: 0 },
  PermissionUsed: { entries: 1_000, queued: 1_000, priority: 1 },
} as const;
/** All namespaces together: 300 Events a minute, of which each costs up to six calls. */
const pace = { concurrency: 2, intervalCap: 5, interval: 1_000 } as const;
/** One purse: twenty different Events at once (a release of as many workloads), ten a minute in the long run. */
const pursePace = { burst: 20, perMinute: 10, keys: 2_000 } as const;
/** Counts that go up leave so much to what has not been said yet. */
const reserve = 10;
const retries = { attempts: 4, firstMs: 1_000, longestMs: 8_000 } as const;
const complaintMs = 60_000;
const graceMs = 2_000;

export function createRecorder(ports: RecorderPorts): Recorder {
  const { events, log, metrics } = ports;
  const queue = new PQueue(pace);
  const buckets = createTokenBuckets(pursePace);
  const entries = new Map<string, Entry>();
  const ended = new AbortController();
  const waiting: (() => void)[] = [];
  const complaint = { at: Number.NEGATIVE_INFINITY, lost: 0 };
  let isStopped = false;
  let graceTimer: NodeJS.Timeout | undefined;

  function record(occurrence: Occurrence): void {
    if (isStopped) return;
    const claim = claimOf(occurrence);
    tell(claim === undefined ? 'dropped' : take(occurrence, claim));
  }

  function take(occurrence: Occurrence, claim: Claim): Recorded | undefined {
    const sameness = samenessOf(occurrence, claim);
    const key = JSON.stringify([claim.namespace, claim.owner, sameness]);
    const known = entries.get(key);
    if (known !== undefined) {
      known.news = add(known.news, occurrence);
      return 'repeated';
    }
    const { reason } = occurrence;
    const purse = purseOf(reason, claim);
    const isFull = entries.size >= limits[reason].entries || queue.size >= limits[reason].queued;
    if (isFull || !buckets.take(purse)) return 'dropped';
    const news = add(undefined, occurrence);
    const entry: Entry = { key, reason, purse, claim, sameness, news, hasRun: false, isRunning: false };
    entries.set(key, entry);
    rest(entry, settleMs);
    return undefined;
  }

  function rest(entry: Entry, ms: number): void {
    entry.timer = setTimeout(() => wake(entry), ms);
  }

  function wake(entry: Entry): void {
    if (entry.news === undefined) entries.delete(entry.key);
    else if (entry.hasRun && !mayRepeat(entry)) rest(entry, spacingMs);
    else enqueue(entry);
  }

  function mayRepeat({ reason, purse }: Entry): boolean {
    return queue.size < limits[reason].queued && buckets.take(purse, reserve);
  }

  function enqueue(entry: Entry): void {
    entry.timer = undefined;
    void queue.add(() => work(entry), { priority: limits[entry.reason].priority });
  }

  async function work(entry: Entry): Promise<void> {
    const { news } = entry;
    if (news === undefined || entries.get(entry.key) !== entry) return;
    entry.news = undefined;
    entry.isRunning = true;
    try {
      tell(await retry(() => write(entry, news), { ...retries, signal: ended.signal, isPassing }));
    } catch (error) {
      tell('failed');
      complain(error);
    }
    entry.isRunning = false;
    entry.hasRun = true;
    if (entries.get(entry.key) !== entry) return;
    if (!isStopped) rest(entry, spacingMs);
    else if (entry.news === undefined) entries.delete(entry.key);
    else enqueue(entry);
    if (isIdle()) release();
  }

  async function write(entry: Entry, news: News): Promise<Recorded> {
    const { signal } = ended;
    const regarding: Regarding | undefined = await findRegarding(entry.claim, ports, { signal });
    if (regarding === undefined) return 'dropped';
    entry.stored = await addToEvent(events, regarding, entry.sameness, news, entry.stored, { signal });
    return 'written';
  }

  function isIdle(): boolean {
    for (const { news, isRunning } of entries.values()) if (isRunning || news !== undefined) return false;
    return true;
  }

  function release(): void {
    if (isStopped) clearTimeout(graceTimer);
    for (const resolve of waiting.splice(0)) resolve();
  }

  /** Gives up what is left when the time to stop is over. */
  function end(): void {
    ended.abort();
    queue.clear();
    for (const { news } of entries.values()) if (news !== undefined) tell('dropped');
    entries.clear();
    release();
  }

  function tell(outcome: Recorded | undefined): void {
    if (outcome !== undefined) metrics?.recorded(outcome);
  }

  function complain(error: unknown): void {
    complaint.lost += 1;
    const now = performance.now();
    if (now - complaint.at < complaintMs) return;
    log.warn({ reason: error instanceof Error ? error.message : String(error), lost: complaint.lost }, 'events lost');
    complaint.at = now;
    complaint.lost = 0;
  }

  return {
    record,
    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop() {
      if (isStopped) return;
      isStopped = true;
      for (const entry of [...entries.values()]) {
        if (entry.timer === undefined) continue;
        clearTimeout(entry.timer);
        if (entry.news === undefined) entries.delete(entry.key);
        else enqueue(entry);
      }
      if (!isIdle()) graceTimer = setTimeout(end, graceMs);
    },
  };
}

/** One Event as this process knows it: while something is to be written, and for the spacing after that. */
interface Entry {
  readonly key: string;
  readonly reason: Occurrence['reason'];
  readonly purse: string;
  readonly claim: Claim;
  readonly sameness: string;
  /** What is to be written. */
  news: News | undefined;
  /** The Event as it was last seen. */
  stored?: StoredEvent;
  /** Whether it was written, or tried to be, at least once. */
  hasRun: boolean;
  isRunning: boolean;
  /** Until the next look; undefined while it waits for its turn or is written. */
  timer?: NodeJS.Timeout | undefined;
}

/**
 * Who shares a rate: what is refused in one namespace; all refusals of Namespaces, whose names a person may make up; the permissions used on
 * one namespace.
 */
function purseOf(reason: Occurrence['reason'], { namespace, isNamespace }: Claim): string {
  return `${reason} ${isNamespace && reason === 'Denied' ? '' : namespace}`;
}

function samenessOf(occurrence: Occurrence, claim: Claim): string {
  const checks = [...new Set(occurrence.checks)].sort((a, b) => (a < b ? -1 : 1));
  return JSON.stringify([occurrence.reason, checks, headlineOf(occurrence, claim)]);
}

function add(news: News | undefined, { reason, uid, message }: Occurrence): News {
  const now = Date.now();
  return {
    reason,
    uid,
    message: brief(message),
    count: (news?.count ?? 0) + 1,
    firstAt: news?.firstAt ?? now,
    lastAt: now,
  };
}

/** Whether the same call may succeed a little later: no answer, too many calls, or a fault of the server's. */
function isPassing(error: unknown): boolean {
  const code = apiCode(error);
  return code === 0 || code === 429 || (code !== undefined && code >= 500);
}
