/**
 * Shares work among callers that ask for the same, as `keyOf` tells it, without ever giving a
 * caller the answer to a question asked before it came: who arrives while work is under way waits
 * for it to end, and shares the next one with all who arrived meanwhile. A burst of any size costs
 * two.
 */
export function shareNext<T, Asked = string>(
  work: (asked: Asked) => Promise<T>,
  keyOf: (asked: Asked) => string = String,
): (asked: Asked) => Promise<T> {
  const underWay = new Map<string, Turn<T>>();

  function begin(key: string, asked: Asked): Promise<T> {
    const turn: Turn<T> = { current: work(asked), next: undefined };
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
    const beginNext = () => begin(key, asked);
    turn.next ??= turn.current.then(beginNext, beginNext);
    return turn.next;
  };
}

/**
 * The answer to `work`, or an error once `timeoutMs` have passed; a later outcome is dropped, an
 * error of it too.
 */
export function withTimeout<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${Math.round(timeoutMs)} ms`)),
      timeoutMs,
    );
    work.then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

interface Turn<T> {
  readonly current: Promise<T>;
  /** Set by the first caller that arrives while `current` is under way. */
  next: Promise<T> | undefined;
}
