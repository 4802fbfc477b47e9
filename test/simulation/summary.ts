import type { Exception, ExceptionKind } from './invariants.ts';
import type { Report } from './simulation.ts';

/** The combined results of many seeds. */
export interface Summary {
  readonly seeds: number;
  readonly steps: number;
  readonly calls: number;
  readonly writes: number;
  /** The most calls of one replica within one second. */
  readonly busiest: number;
  /** The number of Pods stored in fenced namespaces with their wall. */
  readonly walled: number;
  readonly unenforced: number;
  readonly orphaned: number;
  readonly exceptions: readonly Exception[];
  readonly recoveredMs: number;
  readonly recoveredSteps: number;
  /** The failed seeds, lowest first, with the first broken invariant of each. */
  readonly failed: readonly { readonly seed: number; readonly failure: string }[];
}

export function summarize(reports: readonly Report[]): Summary {
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: Report) => number): number =>
    reports.reduce((top, report) => Math.max(top, of(report)), 0);
  const failed = reports.flatMap(({ seed, failures: [failure] }) => (failure === undefined ? [] : [{ seed, failure }]));
  return {
    seeds: reports.length,
    steps: sum(({ steps }) => steps),
    calls: sum(({ calls }) => calls),
    writes: sum(({ writes }) => writes),
    busiest: most(({ busiest }) => busiest),
    walled: sum(({ walled }) => walled),
    unenforced: sum(({ unenforced }) => unenforced),
    orphaned: sum(({ orphaned }) => orphaned),
    exceptions: reports.flatMap(({ exceptions }) => exceptions),
    recoveredMs: most(({ recoveredMs }) => recoveredMs),
    recoveredSteps: most(({ recoveredSteps }) => recoveredSteps),
    failed: failed.toSorted((left, right) => left.seed - right.seed),
  };
}

const kinds: readonly (readonly [ExceptionKind, string])[] = [
  ['ended', 'the namespace ended'],
  ['breached', 'the wall was breached'],
  ['marked', 'the namespace was marked only then'],
];

/** Formats the summary for people. */
export function renderSummary(summary: Summary): readonly string[] {
  const { exceptions, failed } = summary;
  const rows = kinds.map(([kind, words]) => {
    const ofKind = exceptions.filter((exception) => exception.kind === kind);
    const after = ofKind.filter(({ isAfterAnswer }) => isAfterAnswer);
    const before = ofKind.filter(({ isAfterAnswer }) => !isAfterAnswer);
    return `  ${words}: ${after.length} after the answer${gaps(after, 'write')}, ${before.length} between look and answer${gaps(before, 'answer')}`;
  });
  return [
    `${summary.seeds} seeds, ${summary.steps} steps, ${summary.calls} calls, ${summary.writes} of them writes; at most ${summary.busiest} calls of a replica in one second`,
    `${summary.walled} Pods stored behind their wall, ${summary.unenforced} without one where nothing is enforced, ${summary.orphaned} in namespaces that were gone`,
    `${exceptions.length} Pods stored without a wall because the world changed between look and write:`,
    ...rows,
    `after the end of all faults every baseline was true within ${Math.round(summary.recoveredMs)} ms and ${summary.recoveredSteps} steps`,
    ...failed.slice(0, 10).map(({ seed, failure }) => `seed ${seed}: ${failure}`),
    failed.length === 0
      ? 'everything held in every seed'
      : `${failed.length} seeds failed; to see one: npm run simulate -- --seed ${failed[0]?.seed} --trace`,
  ];
}

/** Describes how long before the stored Pod, or the answer, it happened. */
function gaps(exceptions: readonly Exception[], what: string): string {
  if (exceptions.length === 0) return '';
  const sorted = exceptions.map(({ gapMs }) => gapMs).toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return ` (median ${format(at(0.5))} ms before the ${what}, at most ${format(sorted.at(-1) ?? 0)} ms)`;
}

function format(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}
