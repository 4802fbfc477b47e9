import PQueue from 'p-queue';
import { askedPauseMs } from '../retry/answer.ts';
import { systemClock } from '../retry/clock.ts';
import { retry } from '../retry/retry.ts';

/**
 * Runs keys: each at most once at a time, several keys side by side, a failing key again and again,
 * for ever.
 */
export interface KeyedQueue {
  /**
   * Asks for a run that begins after this call. A key that is waiting already is not added twice;
   * one that is running runs again.
   */
  add(key: string): void;
  /** Keys that wait or run. */
  pending(): number;
  /** Keys whose last run failed. */
  failing(): number;
  /** Resolves once nothing runs; after {@link stop}, for good. */
  idle(): Promise<void>;
  /** Starts nothing any more. */
  stop(): void;
}

export interface KeyedQueueOptions {
  run(key: string): Promise<void>;
  onFailure(key: string, error: unknown, failures: number, delayMs: number): void;
}

/**
 * Keys that run side by side: enough to keep up with a burst of namespaces, few enough to leave the
 * API server to others.
 */
const concurrency = 8;
/**
 * All failing keys together: a hundred tries a second at most, about as many as may run side by
 * side on an API server that answers.
 */
const retryPace = { intervalCap: 25, interval: 250 } as const;
/**
 * A key rests so long after each run: should someone else keep undoing our work, that is ten writes
 * a second at most.
 */
const restMs = 100;
/**
 * The waits of a key that keeps failing double from the first to the longest: once what was wrong
 * has passed, all is well within five seconds.
 */
const waitMs = { first: 100, longest: 3_000 } as const;
/**
 * News of a failing key shorten its wait to this: the baseline is right again within a second of
 * what broke it.
 */
const newsDelayMs = 500;

export function createKeyedQueue({ run, onFailure }: KeyedQueueOptions): KeyedQueue {
  const queue = new PQueue({ concurrency });
  const retries = new PQueue(retryPace);
  const entries = new Map<string, Entry>();
  const stopped = new AbortController();

  /** From the moment a key is added until nobody asks for it any more. */
  async function live(key: string, entry: Entry): Promise<void> {
    for (;;) {
      await succeed(key, entry);
      entry.state = 'resting';
      await systemClock.sleep(restMs, stopped.signal);
      if (stopped.signal.aborted) return;
      if (entry.again) continue;
      entries.delete(key);
      return;
    }
  }

  /** Runs it until a run succeeds. News cut the wait after a failure short. */
  async function succeed(key: string, entry: Entry): Promise<void> {
    while (!stopped.signal.aborted) {
      // One for each run: a signal that depended on the queue's would be held by it for as long as
      // the queue lives.
      const hurried = new AbortController();
      entry.hurry = () => hurried.abort();
      const { signal } = hurried;
      try {
        await retry(() => attempt(key, entry), {
          firstMs: waitMs.first,
          longestMs: waitMs.longest,
          signal,
          onFailure: (error, { delayMs }) => fail(key, entry, error, delayMs),
        });
        return;
      } catch (error) {
        if (!signal.aborted) throw error;
        await systemClock.sleep(newsDelayMs, stopped.signal);
      }
    }
  }

  async function attempt(key: string, entry: Entry): Promise<void> {
    entry.state = 'queued';
    if (entry.failures > 0) await retries.add(() => undefined);
    await queue.add(async () => {
      if (stopped.signal.aborted) return;
      entry.state = 'running';
      entry.again = false;
      await run(key);
      entry.failures = 0;
    });
  }

  /** The API server's own wish is waited for, where it has one: news do not cut that short. */
  function fail(key: string, entry: Entry, error: unknown, delayMs: number): void {
    entry.failures += 1;
    entry.state = 'waiting';
    entry.wakesAt = askedPauseMs(error) > 0 ? 0 : performance.now() + delayMs;
    onFailure(key, error, entry.failures, delayMs);
  }

  return {
    add(key) {
      if (stopped.signal.aborted) return;
      const entry = entries.get(key);
      if (entry === undefined) {
        const added: Entry = { state: 'queued', again: false, failures: 0, wakesAt: 0, hurry: () => undefined };
        entries.set(key, added);
        void live(key, added);
        return;
      }
      if (entry.state === 'queued') return;
      entry.again = true;
      if (entry.state === 'waiting' && entry.wakesAt - performance.now() > newsDelayMs) {
        entry.wakesAt = 0;
        entry.hurry();
      }
    },
    pending: () => count(entries, (entry) => entry.state !== 'resting' || entry.again),
    failing: () => count(entries, (entry) => entry.failures > 0),
    idle: () => queue.onIdle(),
    stop() {
      stopped.abort();
      for (const { hurry } of entries.values()) hurry();
      queue.clear();
      retries.clear();
      entries.clear();
    },
  };
}

interface Entry {
  state: 'queued' | 'running' | 'waiting' | 'resting';
  /** Whether it was asked for since its run began. */
  again: boolean;
  /** Failures in a row. */
  failures: number;
  /**
   * When its wait after a failure ends, on the monotonic clock, in milliseconds; 0 where nothing
   * may shorten it.
   */
  wakesAt: number;
  /** Ends that wait. */
  hurry(): void;
}

function count(entries: ReadonlyMap<string, Entry>, isCounted: (entry: Entry) => boolean): number {
  let counted = 0;
  for (const entry of entries.values()) if (isCounted(entry)) counted += 1;
  return counted;
}
