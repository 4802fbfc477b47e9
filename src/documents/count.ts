/** How many files or documents were passed over, by the reason. */
export type Counts = Map<string, number>;

export function count(counts: Counts, what: string, more = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + more);
}
