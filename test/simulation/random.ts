/** Chance that comes again: the same seed gives the same numbers. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  between(low: number, high: number): number;
  /** A whole number, both ends included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Waiting times: most are short, a few are several times the mean. */
  wait(mean: number): number;
  /** Another sequence, so that what draws from the one does not move the other. */
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
  // Its author's rule: a dozen rounds until every bit of the seed has reached every bit of the
  // state.
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
