/**
 * Whether to run with the figures of the claims (`RINGFENCE_FULL=1`: minutes), or with smaller ones
 * that are as honest.
 */
export const isFullRun = !['', '0'].includes(process.env['RINGFENCE_FULL'] ?? '');

/** Says a figure to the person who runs the tests. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
