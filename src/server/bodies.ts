import type { Limits } from './limits.ts';

/** Limits how much memory the bodies of all requests take. */
export interface Bodies {
  /**
   * Whether there is room for the bytes of a body received so far. The body keeps its room until it
   * is {@link release}d. Most bodies are too short to be counted.
   */
  hold(body: Held, bytes: number): boolean;
  release(body: Held): void;
  /** Whether a body of this weight may be judged at all. */
  admits(weight: number): boolean;
  /**
   * Resolves when such a body may be parsed and judged. Undefined if it may be now. Each turn ends
   * with {@link leave}.
   */
  turn(weight: number): Promise<void> | undefined;
  leave(weight: number): void;
}

/** The counted bytes of one body. */
export interface Held {
  held: number;
}

/**
 * Limits the memory that bodies take. While they arrive, they take their length in bytes. Parsed,
 * they take many times as much, so they are judged in turns. Light ones come first, so that no
 * request waits long behind a few enormous ones. Heavy ones are judged one by one between the
 * others.
 */
export function limitBodies({ free, held: heldLimit, judged: limit }: Limits): Bodies {
  let held = 0;
  let judged = 0;
  const light: Waiting[] = [];
  const heavy: Waiting[] = [];
  const isLight = (weight: number): boolean => weight <= limit / lightShare;
  const fits = (weight: number): boolean => judged + weight <= limit;

  function next(): Waiting | undefined {
    for (const queue of [light, heavy]) if (queue[0] !== undefined && fits(queue[0].weight)) return queue.shift();
    return undefined;
  }

  return {
    hold(body, bytes) {
      if (bytes <= free) return true;
      const more = bytes - free - body.held;
      if (held + more > heldLimit) return false;
      held += more;
      body.held += more;
      return true;
    },
    release(body) {
      held -= body.held;
      body.held = 0;
    },
    admits: (weight) => weight <= limit,
    turn(weight) {
      if (light.length === 0 && (isLight(weight) || heavy.length === 0) && fits(weight)) {
        judged += weight;
        return undefined;
      }
      return new Promise((resolve) => (isLight(weight) ? light : heavy).push({ weight, resolve }));
    },
    leave(weight) {
      judged -= weight;
      for (let waiting = next(); waiting !== undefined; waiting = next()) {
        judged += waiting.weight;
        // It resumes after the requests that have arrived meanwhile, because parsing a heavy body
        // takes a tenth of a second.
        setImmediate(waiting.resolve);
      }
    },
  };
}

/** A hundred light bodies fit at once. Nearly all reviews are light. */
const lightShare = 100;

interface Waiting {
  readonly weight: number;
  readonly resolve: () => void;
}
