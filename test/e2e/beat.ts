// A load that does not wait for answers, as many clients at once do not.

/** A load that runs until it is stopped. */
export interface Beat {
  /** Begins no other write, and resolves when each has its answer. */
  stop(): Promise<void>;
}

/**
 * Begins a write every `everyMs` milliseconds, whether the ones before have an answer or not. While
 * `atOnce` of them have none, no other begins: a machine that is slower than the beat gets less to
 * do, instead of a queue that grows until calls end by their time limits.
 */
export function startBeat(everyMs: number, write: () => Promise<unknown>): Beat {
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    if (pending.size >= atOnce) return;
    const settled = write().then(() => void pending.delete(settled));
    pending.add(settled);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
    },
  };
}

/** On an idle machine two or three writes overlap. */
const atOnce = 12;
