import { messageOf, type Report } from './report.ts';

/**
 * Findings for programs: a list with one entry for each judged object, as defined in
 * `schemas/check.schema.json`.
 */
export function reportJson({ objects }: Report): string {
  const entries = objects.map(
    ({ document: { file, line, column }, subject: { kind, namespace, name }, findings, known }) => ({
      file,
      line,
      column,
      kind,
      // As in an audit line: empty for an object without a namespace.
      namespace: namespace ?? '',
      name,
      findings: findings.map((finding) => ({
        check: finding.check,
        action: finding.action,
        field: finding.field,
        message: messageOf(finding),
        remedy: finding.remedy,
        line: finding.line,
        column: finding.column,
        ...(finding.fix === undefined ? {} : { fix: { key: finding.fix.key, value: finding.fix.value } }),
        ...(finding.exception === undefined ? {} : { exception: finding.exception }),
        ...(finding.cause === undefined ? {} : { cause: messageOf(finding.cause) }),
        ...(finding.undecided ? { undecided: true } : {}),
      })),
      ...(known === undefined ? {} : { known: known.length }),
    }),
  );
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
