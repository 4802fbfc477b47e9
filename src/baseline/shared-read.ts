import { TimeLimit } from '../retry/time-limit.ts';

/**
 * Shares work among callers that ask for the same, as `keyOf` identifies it. No caller gets the
 * result of work that began before its call: a caller that arrives while work runs waits for its
 * end, and then shares the next run with all callers that arrived in the meantime. A burst of any
 * size costs two runs. The next run begins without the end of one that has taken `patienceMs`.
 */
export function shareNext<T, Asked = string>(
  work: (asked: Asked) => Promise<T>,
  keyOf: (asked: Asked) => string = String,
  patienceMs = Number.POSITIVE_INFINITY,
): (asked: Asked) => Promise<T> {
  const underWay = new Map<string, Turn<T>>();

  function begin(key: string, asked: Asked): Promise<T> {
    const turn: Turn<T> = { current: work(asked), dueAt: performance.now() + patienceMs, next: undefined };
    underWay.set(key, turn);
    const end = () => {
      if (turn.next === undefined) underWay.delete(key);
    };
    turn.current.then(end, end);
    return turn.current;
  }

  return (asked) => {
    const key = keyOf(asked);
    const turn = underWay.get(key);
    if (turn === undefined) return begin(key, asked);
    turn.next ??= endOrTime(turn).then(() => begin(key, asked));
    return turn.next;
  };
}

/**
 * Resolves to the result of `work`, or rejects after `timeoutMs`. A later result or error of `work`
 * is dropped.
 */
export function withTimeout<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = new TimeLimit(timeoutMs, () =>
      reject(new Error(`${what} took longer than ${Math.round(timeoutMs)} ms`)),
    );
    work.then(
      (answer) => {
        limit.clear();
        resolve(answer);
      },
      (error: unknown) => {
        limit.clear();
        reject(error);
      },
    );
  });
}

/** Resolves when the current run has ended, or has taken as long as the next caller waits. */
function endOrTime({ current, dueAt }: Turn<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = Number.isFinite(dueAt) ? setTimeout(resolve, dueAt - performance.now()) : undefined;
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    current.then(end, end);
  });
}

interface Turn<T> {
  readonly current: Promise<T>;
  /** When the next run begins at the latest, in milliseconds of `performance.now()`. */
  readonly dueAt: number;
  /** Set by the first caller that arrives while `current` is under way. */
  next: Promise<T> | undefined;
}
