import { messageOf, type Report } from './report.ts';

/**
 * Findings for programs: a list with one entry for each judged object, as
 * `schemas/check.schema.json` has it.
 */
export function reportJson({ objects }: Report): string {
  const entries = objects.map(({ document: { file, line, column }, subject: { kind, namespace, name }, findings }) => ({
    file,
    line,
    column,
    kind,
    // As in an audit line: empty for what is in no namespace.
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
      ...(finding.undecided ? { undecided: true } : {}),
    })),
  }));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
