/**
 * The history of a simulation for people: one line for each event. The text is made only if
 * somebody reads it.
 */
export type Trace = (words: () => string) => void;

/** Creates a trace. `write` gets each line with its time and the owner of the step. */
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
