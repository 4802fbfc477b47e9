/**
 * Whether to run with the promised figures (`RINGFENCE_FULL=1`, which takes minutes), or with
 * smaller ones.
 */
export const isFullRun = !['', '0'].includes(process.env['RINGFENCE_FULL'] ?? '');

/** Prints a figure for the person who runs the tests. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
