/** Sorts texts by their code units, which no locale changes. */
export function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
