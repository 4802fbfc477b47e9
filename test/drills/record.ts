// The measurements of the drills, for the person who runs them and for docs/testing.md.
import { appendFileSync } from 'node:fs';
import { tell } from '../e2e/scale.ts';

/** One drill: something breaks while everybody else writes. */
export interface DrillRecord {
  /** The section of docs/testing.md. */
  readonly part: 'certificates' | 'stopping and starting' | 'a faulty API server';
  /** What breaks, as the text of a table row. */
  readonly drill: string;
  /** The number of right writes through the API server, from before the fault until recovery. */
  readonly writes: number;
  /** The number of those that failed unexpectedly. Failures that a drill allows are in `remark`. */
  readonly failed: number;
  /**
   * The number of wrong objects that were admitted, and of Pods that entered before their baseline.
   */
  readonly wrong: number;
  /** Milliseconds from the end of the fault until recovery; undefined if nothing had to recover. */
  readonly recoveryMs?: number;
  /** More figures: `12 of 12 refused meanwhile`. */
  readonly remark?: string;
}

/**
 * Prints the figures of a drill, and appends them to the file in `RINGFENCE_DRILLS` (a JSON line
 * each). Asserts nothing.
 */
export function record(drill: DrillRecord): void {
  const file = process.env['RINGFENCE_DRILLS'] ?? '';
  if (file !== '') appendFileSync(file, `${JSON.stringify(drill)}\n`);
  tell(describe(drill));
}

function describe({ part, drill, writes, failed, wrong, recoveryMs, remark }: DrillRecord): string {
  const recovery = recoveryMs === undefined ? [] : [`recovered in ${recoveryMs.toFixed(0)} ms`];
  const more = [...recovery, ...(remark === undefined ? [] : [remark])];
  return [`${part}, ${drill}: ${writes} writes, ${failed} failed, ${wrong} wrongly admitted`, ...more].join('; ');
}
