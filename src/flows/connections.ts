/**
 * A set of connections in bounded memory. Beyond its size it is a sample, which depends on the
 * connections alone and not on their order: those with the smallest numbers.
 */
export class ConnectionSample {
  readonly #size: number;
  /** Open addressing, at most half full; 0 is an empty place. A Set needs ten times as much. */
  #places = new Float64Array(8);
  #count = 0;
  #limit = 1;

  /** @param size - how many connections are remembered at most */
  constructor(size: number) {
    this.#size = size;
  }

  /** Adds a connection by its number, which {@link numberOf} gives. */
  add(number: number): void {
    if (number >= this.#limit || number === 0 || !this.#put(number)) return;
    if (this.#count > this.#size) {
      this.#limit /= 2;
      this.#rebuild(this.#places.length);
    } else if (this.#count * 2 > this.#places.length) this.#rebuild(this.#places.length * 2);
  }

  /** Whether the two have a connection in common, as far as both remember. */
  meets(other: ConnectionSample): boolean {
    return this.#places.some((number) => number !== 0 && other.#places[other.#find(number)] === number);
  }

  #put(number: number): boolean {
    const at = this.#find(number);
    if (this.#places[at] === number) return false;
    this.#places[at] = number;
    this.#count += 1;
    return true;
  }

  /** The place of a number, or the empty one where it would stand. */
  #find(number: number): number {
    const mask = this.#places.length - 1;
    // The low bits: the high ones decide who is in the sample.
    let at = ((number * 2 ** 53) % this.#places.length) & mask;
    while (this.#places[at] !== 0 && this.#places[at] !== number) at = (at + 1) & mask;
    return at;
  }

  #rebuild(places: number): void {
    const before = this.#places;
    this.#places = new Float64Array(places);
    this.#count = 0;
    for (const number of before) if (number !== 0 && number < this.#limit) this.#put(number);
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
