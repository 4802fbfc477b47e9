import type { Limits } from './limits.ts';

/** The bodies of all requests, in memory: how much of them there may be. */
export interface Bodies {
  /**
   * Whether there is room for a body of so many bytes, as far as it has come; it keeps its room
   * until it is {@link release}d. Most bodies are too short to be counted.
   */
  hold(body: Held, bytes: number): boolean;
  release(body: Held): void;
  /** Whether a body of this weight may be judged at all. */
  admits(weight: number): boolean;
  /**
   * Resolves when such a body may be parsed and judged; undefined where that is now. Each turn ends
   * with {@link leave}.
   */
  turn(weight: number): Promise<void> | undefined;
  leave(weight: number): void;
}

/** What is counted of one body. */
export interface Held {
  held: number;
}

/**
 * Bounds the memory that bodies take. On their way they take their bytes; parsed, many times as
 * much, so they are judged in turns: light ones first, so that nobody waits long behind a few that
 * are enormous, and the heavy ones one by one between whatever else has come.
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
        // After what has come in meanwhile: parsing a heavy body takes a tenth of a second.
        setImmediate(waiting.resolve);
      }
    },
  };
}

/** A hundred light ones fit in at once: what nearly all reviews weigh. */
const lightShare = 100;

interface Waiting {
  readonly weight: number;
  readonly resolve: () => void;
}
