import PQueue from 'p-queue';
import { askedPauseMs } from '../retry/answer.ts';
import { systemClock } from '../retry/clock.ts';
import { retry } from '../retry/retry.ts';

/**
 * Runs keys. Each key runs at most once at a time, and several keys run in parallel. A failing key
 * is repeated until it succeeds.
 */
export interface KeyedQueue {
  /**
   * Asks for a run that begins after this call. A key that already waits is not added twice. A key
   * that is running runs again.
   */
  add(key: string): void;
  /** The number of keys that wait or run. */
  pending(): number;
  /** The number of keys whose last run failed. */
  failing(): number;
  /** Resolves when nothing runs. After {@link stop}, nothing runs again. */
  idle(): Promise<void>;
  /** Starts no more runs. */
  stop(): void;
}

export interface KeyedQueueOptions {
  run(key: string): Promise<void>;
  onFailure(key: string, error: unknown, failures: number, delayMs: number): void;
}

/**
 * The number of keys that run in parallel: enough for a burst of namespaces, and few enough to
 * leave the API server to other clients.
 */
const concurrency = 8;
/** All failing keys together make at most a hundred attempts per second. */
const retryPace = { intervalCap: 25, interval: 250 } as const;
/**
 * The pause of a key after each run. If something else keeps undoing Ringfence's work, this limits
 * the key to ten runs per second.
 */
const restMs = 100;
/**
 * The waits of a failing key double from the first to the longest. When the cause has passed, every
 * key succeeds within five seconds.
 */
const waitMs = { first: 100, longest: 3_000 } as const;
/**
 * A new request for a failing key shortens its wait to this, so that the baseline is correct within
 * a second of the change.
 */
const newsDelayMs = 500;

export function createKeyedQueue({ run, onFailure }: KeyedQueueOptions): KeyedQueue {
  const queue = new PQueue({ concurrency });
  const retries = new PQueue(retryPace);
  const entries = new Map<string, Entry>();
  const stopped = new AbortController();

  /** Runs a key from the moment it is added until nobody asks for it any more. */
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

  /** Runs a key until a run succeeds. A new request shortens the wait after a failure. */
  async function succeed(key: string, entry: Entry): Promise<void> {
    while (!stopped.signal.aborted) {
      // Each round has its own controller. A signal that depends on the queue's signal would stay
      // in memory as long as the queue.
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

  /** Records a failure. A new request does not shorten a pause that the API server asked for. */
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
  /** Whether a run was requested after the current run began. */
  again: boolean;
  /** Failures in a row. */
  failures: number;
  /**
   * The end of the wait after a failure, in milliseconds of the monotonic clock; 0 if nothing may
   * shorten the wait.
   */
  wakesAt: number;
  /** Ends the wait after a failure early. */
  hurry(): void;
}

function count(entries: ReadonlyMap<string, Entry>, isCounted: (entry: Entry) => boolean): number {
  let counted = 0;
  for (const entry of entries.values()) if (isCounted(entry)) counted += 1;
  return counted;
}
