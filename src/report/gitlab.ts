import { relative, sep } from 'node:path';
import { createFingerprints, type Fingerprint } from './fingerprint.ts';
import { isFailing, messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';
import { summarize } from './text.ts';

/** One entry of GitLab's Code Quality report (docs.gitlab.com, "Code Quality report format"). */
interface Violation {
  readonly description: string;
  readonly check_name: string;
  /** Unique in the report, and the same in the next one while the violation stays. */
  readonly fingerprint: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/**
 * Findings as GitLab's Code Quality report, which GitLab shows in merge requests. GitLab compares
 * the reports of two branches by their fingerprints. The format has no other place for files that
 * cannot be read, for notes, and for the summary of a run that left something out, so these are
 * entries too.
 */
export function reportGitlab(report: Report): string {
  const { objects, problems, notes, strict, ignoreUnreadable } = report;
  const fingerprints = createFingerprints();
  const findings = objects.flatMap((object) =>
    object.findings.map((finding): Violation => {
      const severity = severityOf(finding);
      return {
        description: `${titleOf(object)}: ${messageOf(finding)}`,
        check_name: finding.check,
        fingerprint: textOf(fingerprints.of(object, finding)),
        severity: isFailing(finding, strict) && severity !== 'error' ? 'major' : severities[severity],
        location: locate(object.document.file, finding.line),
      };
    }),
  );
  const broken = problems.map(
    ({ file, line, message }): Violation => ({
      description: message,
      check_name: 'unreadable',
      fingerprint: textOf(fingerprints.ofText(JSON.stringify(['unreadable', file, message]))),
      severity: ignoreUnreadable ? 'minor' : 'blocker',
      location: locate(file, line ?? 1),
    }),
  );
  const remarks = notes.map(
    (text): Violation => ({
      description: text,
      check_name: 'note',
      fingerprint: textOf(fingerprints.ofText(JSON.stringify(['note', text]))),
      severity: 'info',
      location: { path: '.', lines: { begin: 1 } },
    }),
  );
  const left = leftOut(report);
  const summary: Violation = {
    description: summarize(report),
    check_name: 'summary',
    fingerprint: textOf(fingerprints.ofText(JSON.stringify(['summary', ...left]))),
    severity: 'info',
    location: { path: '.', lines: { begin: 1 } },
  };
  const entries = [...findings, ...broken, ...remarks, ...(left.length === 0 ? [] : [summary])];
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

/**
 * What a run left out, which names its summary from run to run. Numbers do not count: they change
 * often, and GitLab would show the summary as new each time.
 */
function leftOut({ passedOver, skipped, known }: Report): readonly string[] {
  const kinds = [...passedOver.keys()].map((what) => `passed over: ${what}`);
  const checks = skipped.map((id) => `skipped: ${id}`);
  return [
    ...kinds.sort((a, b) => (a < b ? -1 : 1)),
    ...checks,
    ...(known === undefined ? [] : [`known: ${known.file}`]),
  ];
}

const severities: Readonly<Record<Severity, Violation['severity']>> = {
  error: 'critical',
  warning: 'minor',
  undecided: 'info',
  recorded: 'info',
};

function textOf({ hash, occurrence }: Fingerprint): string {
  return occurrence === 1 ? hash : `${hash}-${occurrence}`;
}

/**
 * GitLab wants paths from the root of the repository, without `./`. A job runs there, so paths from
 * the working folder are these.
 */
function locate(file: string, begin: number): Violation['location'] {
  return { path: relative('', file).replaceAll(sep, '/'), lines: { begin } };
}
