// What the drills measured, for the person who runs them and for docs/testing.md.
import { appendFileSync } from 'node:fs';
import { tell } from '../e2e/scale.ts';

/** One drill: something breaks while everybody else works. */
export interface DrillRecord {
  /** Which chapter of docs/testing.md. */
  readonly part: 'certificates' | 'stopping and starting' | 'a faulty API server';
  /** What breaks, as a table's row says it. */
  readonly drill: string;
  /**
   * Right writes of others through the API server, from before it breaks until all is as before.
   */
  readonly writes: number;
  /** Those of them that failed, and did not have to: what a drill allows is in `remark`. */
  readonly failed: number;
  /** Wrong objects that were admitted, and Pods that got in before their baseline. */
  readonly wrong: number;
  /**
   * From the end of the fault until all is as before, in milliseconds; undefined where nothing had
   * to recover.
   */
  readonly recoveryMs?: number;
  /** What else there is to say, in figures: `12 of 12 refused meanwhile`. */
  readonly remark?: string;
}

/**
 * Says a drill's figures, and keeps them where `RINGFENCE_DRILLS` names a file (a JSON line each).
 * Asserts nothing.
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
