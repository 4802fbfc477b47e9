import type { DocumentProblem } from '../documents/document.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import { type Counts, countsOf, type KnownCounts, messageOf, type Report, type Run } from './report.ts';
import { summarize } from './text.ts';

/**
 * Findings for programs: one object with the findings, the counts and everything that was left out,
 * as defined in `schemas/check.schema.json`.
 */
export function reportJson(report: Report): string {
  return `${JSON.stringify(checkAnswer(report), undefined, 2)}\n`;
}

/** What `check` answers. */
export interface CheckAnswer {
  readonly findings: readonly CheckedFinding[];
  readonly summary: Counts & { readonly text: string };
  readonly notes: readonly string[];
  readonly problems: readonly DocumentProblem[];
  readonly passedOver: Readonly<Record<string, number>>;
  readonly skipped: readonly string[];
  readonly known?: KnownCounts;
}

/** One finding, with its object and its place. */
export type CheckedFinding = ReturnType<typeof entryOf>;

/** The findings as data. */
export function checkAnswer(report: Run): CheckAnswer {
  const { objects, problems, notes, passedOver, skipped, known } = report;
  return {
    findings: objects.flatMap((object) => object.findings.map((finding) => entryOf(object, finding))),
    summary: { text: summarize(report), ...countsOf(report) },
    notes,
    problems: problems.map(({ file, line, column, message }) => ({ file, line, column, message })),
    passedOver: Object.fromEntries(passedOver),
    skipped,
    ...(known === undefined ? {} : { known }),
  };
}

function entryOf({ document: { file }, subject: { kind, namespace, name } }: JudgedObject, finding: LocatedFinding) {
  return {
    file,
    line: finding.line,
    column: finding.column,
    kind,
    // As in an audit line: empty for an object without a namespace.
    namespace: namespace ?? '',
    name,
    check: finding.check,
    action: finding.action,
    field: finding.field,
    message: messageOf(finding),
    remedy: finding.remedy,
    ...(finding.fix === undefined ? {} : { fix: { key: finding.fix.key, value: finding.fix.value } }),
    ...(finding.exception === undefined ? {} : { exception: finding.exception }),
    ...(finding.cause === undefined ? {} : { cause: messageOf(finding.cause) }),
    ...(finding.undecided ? { undecided: true } : {}),
  };
}
