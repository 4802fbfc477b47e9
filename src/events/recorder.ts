import PQueue from 'p-queue';
import { type Claim, claimOf } from './claim.ts';
import { createDelivery, type DeliveryPorts } from './delivery.ts';
import { addNews, type Entry, openEntry } from './entry.ts';
import type { Occurrence } from './occurrence.ts';
import { createTokenBuckets } from './token-buckets.ts';

/**
 * The outcome of an occurrence or of a write. `written`: an Event was written. `repeated`: the
 * occurrence is counted into an Event that is still to be written. `dropped`: a limit was reached,
 * or there is no object to carry the Event. `failed`: a write failed.
 */
export type Recorded = 'written' | 'repeated' | 'dropped' | 'failed';

export interface RecorderPorts extends DeliveryPorts {
  readonly metrics?: { recorded(outcome: Recorded): void };
}

/**
 * Turns occurrences into Kubernetes Events: few of them, counted, on the object that a person looks
 * at. An Event is a hint; the audit line is the record.
 */
export interface Recorder {
  /**
   * Returns at once, whatever the API server does, and never throws: the review has already been
   * answered.
   */
  record(occurrence: Occurrence): void;
  /** Resolves once every occurrence has been written or given up. */
  idle(): Promise<void>;
  /**
   * Accepts no more occurrences. Those that are waiting are written without further delay, for two
   * seconds at most.
   */
  stop(): void;
}

/**
 * The time from the first occurrence to the first write. A ReplicaSet tries a dozen times in this
 * time, and causes only one write. By then an object whose creation was just admitted exists, too.
 */
const settleMs = 1_000;
/** The time between two writes of one Event. */
const spacingMs = 10_000;
/**
 * How many Events are remembered, because they have news or were written lately (a few KiB each),
 * and how many of them may be queued (forty seconds of writes). Anyone can cause refusals, so
 * refusals leave room for uses of permissions. What exists can be told of later.
 */
const limits = {
  Denied: { entries: 800, queued: 200, priority: 0 },
  PermissionUsed: { entries: 1_000, queued: 1_000, priority: 1 },
  WouldBeRefused: { entries: 400, queued: 100, priority: -1 },
} as const;
/** For all namespaces together: 300 Events a minute, each of which costs up to six calls. */
const pace = { concurrency: 2, intervalCap: 5, interval: 1_000 } as const;
/**
 * For one rate key: twenty different Events at once (the release of as many workloads), and ten a
 * minute in the long run.
 */
const pursePace = { burst: 20, perMinute: 10, keys: 2_000 } as const;
/** Updates of a count leave this many tokens for Events that have not been written yet. */
const reserve = 10;
const graceMs = 2_000;

export function createRecorder({ metrics, ...ports }: RecorderPorts): Recorder {
  const queue = new PQueue(pace);
  const buckets = createTokenBuckets(pursePace);
  const entries = new Map<string, Entry>();
  const ended = new AbortController();
  const deliver = createDelivery(ports, ended.signal);
  const waiting: (() => void)[] = [];
  let isStopped = false;
  let graceTimer: NodeJS.Timeout | undefined;

  function record(occurrence: Occurrence): void {
    if (isStopped) return;
    const claim = claimOf(occurrence);
    tell(claim === undefined ? 'dropped' : take(occurrence, claim));
  }

  function take(occurrence: Occurrence, claim: Claim): Recorded | undefined {
    const entry = openEntry(occurrence, claim);
    const known = entries.get(entry.key);
    if (known !== undefined) {
      known.news = addNews(known.news, occurrence);
      return 'repeated';
    }
    const { entries: most, queued } = limits[entry.reason];
    if (entries.size >= most || queue.size >= queued || !buckets.take(entry.purse)) return 'dropped';
    entry.news = addNews(undefined, occurrence);
    entries.set(entry.key, entry);
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
    tell(await deliver(entry, news));
    entry.isRunning = false;
    entry.hasRun = true;
    if (entries.get(entry.key) !== entry) return;
    if (!isStopped) rest(entry, spacingMs);
    else if (entry.news === undefined) entries.delete(entry.key);
    else enqueue(entry);
    if (isIdle()) release();
  }

  function isIdle(): boolean {
    for (const { news, isRunning } of entries.values()) if (isRunning || news !== undefined) return false;
    return true;
  }

  function release(): void {
    if (isStopped) clearTimeout(graceTimer);
    for (const resolve of waiting.splice(0)) resolve();
  }

  /** Gives up what is left when the time for stopping has passed. */
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
