// Counts and lists in sentences, in one place, so that no text says `1 findings`.

/** `1 finding`, `2 NetworkPolicies`, `0 Pods`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${agree(count, noun)}`;
}

/** The form of a word that goes with a count: of `is` and `are`, the first for 1. */
export function agree(count: number, one: string, many: string = pluralOf(one)): string {
  return count === 1 ? one : many;
}

/** The plural of a regular noun or a kind: `findings`, `CiliumNetworkPolicies`. */
export function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /s$/i.test(noun) ? noun : `${noun}s`;
}

/** The first names of a list, and how many more there are. */
export function listOf(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** A reader takes in no more names than this on one line. */
const namesShown = 5;
