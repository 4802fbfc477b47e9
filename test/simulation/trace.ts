/**
 * The history of a simulation, for people: one line for each thing that happened. The words are
 * made only where somebody listens.
 */
export type Trace = (words: () => string) => void;

/** Takes each line with its time and whose step it was. */
export function createTrace(
  clock: { now(): number; owner(): { readonly name: string } },
  write: ((line: string) => void) | undefined,
): Trace {
  if (write === undefined) return () => undefined;
  return (words) => {
    const seconds = (clock.now() / 1000).toFixed(6).padStart(11);
    write(`${seconds} ${clock.owner().name.padEnd(10)} ${words()}`);
  };
}
