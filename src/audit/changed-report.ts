import { reportLabels } from '../kubernetes/report-kinds.ts';
import type { PublishedReport, ReportResult } from './policy-report.ts';

/**
 * The report to write, if it differs from the one that is there; undefined if they say the same.
 * Results that were there keep the time at which they were first published. `now` is in
 * milliseconds since 1970.
 */
export function changedReport(
  desired: PublishedReport,
  stored: PublishedReport | undefined,
  now: number,
): PublishedReport | undefined {
  const before = new Map((stored?.results ?? []).map((one) => [keyOf(one), one.timestamp]));
  const isSame =
    stored !== undefined &&
    stored.metadata.labels?.['app.kubernetes.io/managed-by'] === reportLabels['app.kubernetes.io/managed-by'] &&
    JSON.stringify(countsOf(stored)) === JSON.stringify(countsOf(desired)) &&
    desired.results.length === stored.results.length &&
    desired.results.every((one) => before.has(keyOf(one)));
  if (isSame) return undefined;
  const first = { seconds: Math.floor(now / 1000), nanos: 0 };
  return {
    ...desired,
    results: desired.results.map((one) => ({ ...one, timestamp: before.get(keyOf(one)) ?? first })),
  };
}

/** The API server may leave out a count of 0. */
function countsOf({ summary }: PublishedReport): readonly number[] {
  return (['pass', 'fail', 'warn', 'error', 'skip'] as const).map((result) => summary[result] ?? 0);
}

/**
 * Everything that a result says, but its time, in a stable order. How many results are omitted is
 * not said of this one, and the counts of the report say it too.
 */
function keyOf({
  timestamp: _,
  properties: { omitted: _omitted, ...properties } = {},
  ...result
}: ReportResult): string {
  return JSON.stringify({ ...result, properties }, sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
