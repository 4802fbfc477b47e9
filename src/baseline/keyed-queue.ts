import PQueue from 'p-queue';

/** Runs keys: each at most once at a time, several keys side by side, a failing key again and again, for ever. */
export interface KeyedQueue {
  /** Asks for a run that begins after this call. A key that is waiting already is not added twice; one that is running runs again. */
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
  /** Between 0 and 1. */
  readonly random?: () => number;
}

/** Keys that run side by side: enough to keep up with a burst of namespaces, few enough to leave the API server to others. */
const concurrency = 8;
/** A key rests so long after each run: should someone else keep undoing our work, that is ten writes a second at most. */
const restMs = 100;
/** The longest wait of a key that keeps failing. */
const longestDelayMs = 30_000;
/** News of a failing key shorten its wait to this: the baseline is right again within a second of what broke it. */
const newsDelayMs = 500;

export function createKeyedQueue({ run, onFailure, random = Math.random }: KeyedQueueOptions): KeyedQueue {
  const queue = new PQueue({ concurrency });
  const entries = new Map<string, Entry>();
  let stopped = false;

  function enqueue(key: string, entry: Entry): void {
    entry.state = 'queued';
    entry.again = false;
    void queue.add(() => work(key, entry));
  }

  async function work(key: string, entry: Entry): Promise<void> {
    if (stopped) return;
    entry.state = 'running';
    try {
      await run(key);
      entry.failures = 0;
      rest(key, entry, restMs);
    } catch (error) {
      entry.failures += 1;
      entry.again = true;
      const delayMs = backOff(entry.failures, random());
      rest(key, entry, delayMs);
      onFailure(key, error, entry.failures, delayMs);
    }
  }

  function rest(key: string, entry: Entry, delayMs: number): void {
    if (stopped) return;
    clearTimeout(entry.timer);
    entry.state = 'resting';
    entry.wakesAt = performance.now() + delayMs;
    entry.timer = setTimeout(() => {
      if (entry.again) enqueue(key, entry);
      else entries.delete(key);
    }, delayMs);
  }

  return {
    add(key) {
      if (stopped) return;
      const entry = entries.get(key);
      if (entry === undefined) {
        const added: Entry = { state: 'queued', again: false, failures: 0, wakesAt: 0, timer: undefined };
        entries.set(key, added);
        enqueue(key, added);
        return;
      }
      if (entry.state === 'queued') return;
      entry.again = true;
      if (entry.state === 'resting' && entry.wakesAt - performance.now() > newsDelayMs) rest(key, entry, newsDelayMs);
    },
    pending: () => count(entries, (entry) => entry.state !== 'resting' || entry.again),
    failing: () => count(entries, (entry) => entry.failures > 0),
    idle: () => queue.onIdle(),
    stop() {
      stopped = true;
      queue.clear();
      for (const entry of entries.values()) clearTimeout(entry.timer);
      entries.clear();
    },
  };
}

interface Entry {
  state: 'queued' | 'running' | 'resting';
  /** Whether it runs once more when it has rested. */
  again: boolean;
  /** Failures in a row. */
  failures: number;
  /** When its rest ends, on the monotonic clock, in milliseconds. */
  wakesAt: number;
  timer: NodeJS.Timeout | undefined;
}

/** Doubled with each failure; half of it is left to chance, so that replicas that failed together do not try together. */
function backOff(failures: number, chance: number): number {
  const full = Math.min(longestDelayMs, restMs * 2 ** failures);
  return full / 2 + (full / 2) * chance;
}

function count(entries: ReadonlyMap<string, Entry>, isCounted: (entry: Entry) => boolean): number {
  let counted = 0;
  for (const entry of entries.values()) if (isCounted(entry)) counted += 1;
  return counted;
}
