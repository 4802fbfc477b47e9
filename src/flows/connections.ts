/**
 * A set of connections in bounded memory. Beyond its size it is a sample, which depends on the
 * connections alone and not on their order: those with the smallest numbers.
 */
export class ConnectionSample {
  readonly #numbers = new Set<number>();
  readonly #size: number;
  #limit = 1;

  constructor(size: number) {
    this.#size = size;
  }

  /** Adds a connection by its number, which {@link numberOf} gives. */
  add(number: number): void {
    if (number >= this.#limit) return;
    this.#numbers.add(number);
    while (this.#numbers.size > this.#size) {
      this.#limit /= 2;
      for (const one of this.#numbers) if (one >= this.#limit) this.#numbers.delete(one);
    }
  }

  /** Whether the two have a connection in common, as far as both remember. */
  meets(other: ConnectionSample): boolean {
    return !this.#numbers.isDisjointFrom(other.#numbers);
  }
}

/**
 * A number from 0 up to 1 for a text, evenly spread (cyrb53, a public-domain hash of 53 bits: two
 * of a hundred thousand connections have the same number once in a million logs).
 */
export function numberOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (2 ** 32 * (2097151 & low) + (high >>> 0)) / 2 ** 53;
}
