/**
 * A set of small numbers (class indices), 32 to a word. All sets of one matrix have the same
 * length.
 */
export type BitSet = Uint32Array;

export function emptySet(size: number): BitSet {
  return new Uint32Array((size + 31) >>> 5);
}

/** Every number below `size`. */
export function fullSet(size: number): BitSet {
  const set = emptySet(size).fill(0xff_ff_ff_ff);
  // The unused bits of the last word stay clear, so that a complement never names a class that does
  // not exist.
  if (size % 32 !== 0) set[set.length - 1] = 2 ** (size % 32) - 1;
  return set;
}

export function addTo(set: BitSet, member: number): void {
  const word = member >>> 5;
  set[word] = (set[word] as number) | (1 << (member & 31));
}

export function has(set: BitSet, member: number): boolean {
  return (((set[member >>> 5] as number) >>> (member & 31)) & 1) === 1;
}

export function isEmpty(set: BitSet): boolean {
  return set.every((word) => word === 0);
}

export function union(a: BitSet, b: BitSet): BitSet {
  return a.map((word, index) => word | (b[index] as number));
}

export function intersection(a: BitSet, b: BitSet): BitSet {
  return a.map((word, index) => word & (b[index] as number));
}

/** The members of the first set that are not in the second. */
export function difference(a: BitSet, b: BitSet): BitSet {
  return a.map((word, index) => word & ~(b[index] as number));
}

/** Calls `visit` for each member, in ascending order. */
export function forEachMember(set: BitSet, visit: (member: number) => void): void {
  for (let index = 0; index < set.length; index += 1) {
    let word = set[index] as number;
    while (word !== 0) {
      const bit = 31 - Math.clz32(word & -word);
      visit(index * 32 + bit);
      word &= word - 1;
    }
  }
}
