/** Reproducible chance: the same seed gives the same numbers. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  between(low: number, high: number): number;
  /** A whole number in a range that includes both ends. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Waiting times: most are short, a few are several times the mean. */
  wait(mean: number): number;
  /** Another sequence, which does not affect this one. */
  fork(): Random;
}

/**
 * sfc32 (C. Doty-Humphrey's "small fast counting" generator): 128 bits of state, passes PractRand.
 */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88 ^ Math.floor(seed / 2 ** 32);
  let c = 0xb7e15162 ^ (seed | 0);
  let counter = 1;

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  }
  // The author's rule: after a dozen rounds every bit of the seed affects every bit of the state.
  for (let round = 0; round < 12; round += 1) word();

  const next = (): number => word() / 2 ** 32;
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    wait: (mean) => -Math.log(1 - next()) * mean,
    fork: () => createRandom(word()),
  };
}
