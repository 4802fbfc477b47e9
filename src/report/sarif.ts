import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentProblem, Place } from '../documents/document.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { RuleText } from '../policy/check.ts';
import { messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';
import { summarize } from './text.ts';

/** Findings as a SARIF 2.1.0 log (OASIS standard), the format of code-scanning services. */
export function reportSarif(report: Report): string {
  const { objects, problems, rules, skipped, version } = report;
  const disable = (id: string) => ({
    descriptor: { id, index: rules.findIndex((rule) => rule.id === id) },
    configuration: { enabled: false },
  });
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Ringfence', semanticVersion: version, rules: rules.map(describeRule) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            toolExecutionNotifications: [
              ...problems.map(notify),
              { level: 'note', message: { text: summarize(report) } },
            ],
            ...(skipped.length === 0 ? {} : { ruleConfigurationOverrides: skipped.map(disable) }),
          },
        ],
        results: objects.flatMap((object) => [
          ...object.findings.map((finding) => resultOf(object, finding, 'new', report)),
          ...(object.known ?? []).map((finding) => resultOf(object, finding, 'unchanged', report)),
        ]),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function describeRule({ id, rule, remedy, cap }: RuleText): object {
  return {
    id,
    shortDescription: { text: plain(rule) },
    help: { text: plain(remedy) },
    defaultConfiguration: { level: cap === 'enforce' ? 'error' : cap === 'warn' ? 'warning' : 'note' },
  };
}

/**
 * Kind and level of a result (SARIF 3.27.9 and 3.27.10: a kind other than `fail` has the level
 * `none`).
 */
const classes: Readonly<Record<Severity, { readonly kind: string; readonly level: string }>> = {
  error: { kind: 'fail', level: 'error' },
  warning: { kind: 'fail', level: 'warning' },
  // Only a person, or a run with more facts, can decide.
  undecided: { kind: 'review', level: 'none' },
  recorded: { kind: 'fail', level: 'note' },
};

/** `state` is the state against the findings that stood before (SARIF 3.27.24). */
function resultOf(
  object: JudgedObject,
  finding: LocatedFinding,
  state: 'new' | 'unchanged',
  { rules, strict, known }: Report,
): object {
  const { file } = object.document;
  const severity = severityOf(finding);
  return {
    ruleId: finding.check,
    ruleIndex: rules.findIndex(({ id }) => id === finding.check),
    ...classes[strict && severity === 'undecided' ? 'error' : severity],
    ...(known === undefined ? {} : { baselineState: state }),
    message: { text: `${titleOf(object)}: ${messageOf(finding)}` },
    locations: [
      {
        physicalLocation: physicalLocation(file, finding),
        logicalLocations: [{ name: finding.subject, fullyQualifiedName: `${titleOf(object)}: ${finding.field}` }],
      },
    ],
  };
}

function notify({ file, line, column, message }: DocumentProblem): object {
  const place = line === undefined ? undefined : { line, column: column ?? 1 };
  return {
    level: 'error',
    message: { text: message },
    locations: [{ physicalLocation: physicalLocation(file, place) }],
  };
}

function physicalLocation(file: string, place: Place | undefined): object {
  return {
    artifactLocation: { uri: uriOf(file) },
    ...(place === undefined ? {} : { region: { startLine: place.line, startColumn: place.column } }),
  };
}

/**
 * A relative path stays a relative reference, from the folder in which the command ran. Services
 * resolve it from the repository's root.
 */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}

/** The texts of rules contain Markdown's backquotes, but `text` is plain text in SARIF. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
