import type { Severity } from '../report/report.ts';
import { type Cause, compare, compareCauses } from './causes.ts';

/** The same mistake in one or several namespaces, for people: it is corrected in one way. */
export interface CauseGroup {
  readonly severity: Severity;
  readonly message: string;
  readonly checks: readonly string[];
  /** How many findings there are in all, and on how many objects of each kind. */
  readonly count: number;
  readonly objects: ReadonlyMap<string, number>;
  readonly remedy: string;
  /** As that of a cause. A value that differs from namespace to namespace is described. */
  readonly fix: readonly string[];
  /** Its causes, those with most findings first. */
  readonly causes: readonly [Cause, ...Cause[]];
}

/** Groups causes with the same message, which add or correct the same labels; worst first. */
export function groupCauses(causes: readonly Cause[]): readonly CauseGroup[] {
  const groups = Map.groupBy(causes, ({ severity, message, remedy, fix }) =>
    JSON.stringify([severity, message, remedy, fix.map(keyOfLine)]),
  );
  return [...groups.values()]
    .map((found): CauseGroup => {
      const own = found as [Cause, ...Cause[]];
      const [{ severity, message, remedy }] = own;
      const count = own.reduce((sum, one) => sum + one.count, 0);
      const checks = [...new Set(own.flatMap((one) => one.checks))].sort(compare);
      return { severity, message, remedy, checks, count, objects: sumKinds(own), fix: mergeFixes(own), causes: own };
    })
    .sort((a, b) => compareCauses({ ...a.causes[0], count: a.count }, { ...b.causes[0], count: b.count }));
}

/** `  team` of `  team: shop`; the whole line that says where labels belong. */
function keyOfLine(line: string): string {
  return line.startsWith(' ') ? (line.split(': ')[0] ?? line) : line;
}

/** The lines of the first. Values of the others differ only where they are their namespaces'. */
function mergeFixes([first, ...others]: readonly [Cause, ...Cause[]]): readonly string[] {
  return first.fix.map((line, index) =>
    others.every(({ fix }) => fix[index] === line) ? line : `${keyOfLine(line)}: <as its namespace>`,
  );
}

function sumKinds(causes: readonly Cause[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { objects } of causes) for (const [kind, count] of objects) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}
