import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentProblem, Place } from '../documents/document.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { RuleText } from '../policy/check.ts';
import { categories, type Gravity, gravityOf } from './categories.ts';
import { createFingerprints, type Fingerprint } from './fingerprint.ts';
import { messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';
import { summarize } from './text.ts';

/**
 * The largest number of results in a log. GitHub shows 5,000 of a run, and refuses a run with more
 * than 25,000 (docs.github.com, "SARIF support for code scanning").
 */
const resultLimit = 5_000;

/** The pages of the rules that have no section of their own in checks.md. */
const pages: Readonly<Record<string, string>> = {
  'baseline-guard': 'checks.md#permissions',
  'never-fenced': 'checks.md#permissions',
  'other-policy': 'checks.md#permissions',
  readable: 'check.md#what-the-api-server-refuses',
};

/**
 * Findings as a SARIF 2.1.0 log (OASIS standard), the format of code-scanning services. Beyond
 * {@link resultLimit} the mildest results are left out, and a notification counts them.
 */
export function reportSarif(report: Report): string {
  const { problems, notes, rules, skipped, version, homepage } = report;
  const disable = (id: string) => ({
    descriptor: { id, index: rules.findIndex((rule) => rule.id === id) },
    configuration: { enabled: false },
  });
  const results = listResults(report);
  const kept = results.length <= resultLimit ? results : results.toSorted(worstFirst).slice(0, resultLimit);
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Ringfence',
            semanticVersion: version,
            informationUri: homepage,
            rules: rules.map((rule) => describeRule(rule, homepage)),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: problems.length === 0 || report.ignoreUnreadable,
            toolExecutionNotifications: [
              ...problems.map((problem) => notify(problem, report.ignoreUnreadable ? 'warning' : 'error')),
              ...sayLeftOut(results.length - kept.length),
              ...[...notes, summarize(report)].map((text) => ({ level: 'note', message: { text } })),
            ],
            ...(skipped.length === 0 ? {} : { ruleConfigurationOverrides: skipped.map(disable) }),
          },
        ],
        results: kept.map(({ result }) => result),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** A result, and its place in the order of severity. */
interface Ranked {
  readonly rank: number;
  readonly result: object;
}

/** Every result, in the order of the files. Findings that stood before rank behind new ones. */
function listResults(report: Report): readonly Ranked[] {
  const fingerprints = createFingerprints();
  const rank = (object: JudgedObject, finding: LocatedFinding, state: State): Ranked => ({
    rank: ranks.indexOf(severityOf(finding)) + (state === 'new' ? 0 : ranks.length),
    result: resultOf(object, finding, state, fingerprints.of(object, finding), report),
  });
  return report.objects.flatMap((object) => [
    ...object.findings.map((finding) => rank(object, finding, 'new')),
    ...(object.known ?? []).map((finding) => rank(object, finding, 'unchanged')),
  ]);
}

const ranks: readonly Severity[] = ['error', 'warning', 'undecided', 'recorded'];

function worstFirst(a: Ranked, b: Ranked): number {
  return a.rank - b.rank;
}

function sayLeftOut(count: number): readonly object[] {
  if (count === 0) return [];
  const total = (resultLimit + count).toLocaleString('en');
  const text = `${count.toLocaleString('en')} of ${total} results are left out, the mildest, because services show no more than ${resultLimit.toLocaleString('en')}; -o json has all of them`;
  return [{ level: 'warning', message: { text } }];
}

function describeRule({ id, rule, remedy, cap }: RuleText, homepage: string): object {
  const helpUri = `${homepage}/${pages[id] ?? `checks.md#${id}`}`;
  return {
    id,
    shortDescription: { text: plain(rule) },
    fullDescription: { text: plain(rule), markdown: rule },
    help: {
      text: `${plain(rule)}\n\nWhat to do: ${plain(remedy)}`,
      markdown: `${rule}\n\n**What to do:** ${remedy}\n\n[More about this rule](${helpUri})`,
    },
    helpUri,
    defaultConfiguration: { level: cap === 'enforce' ? 'error' : cap === 'warn' ? 'warning' : 'note' },
    properties: {
      tags: ['security', 'kubernetes', (categories[id] ?? 'Identity').toLowerCase()],
      'security-severity': scores[gravityOf(id, cap === 'enforce' ? 'error' : cap === 'warn' ? 'warning' : 'recorded')],
    },
  };
}

/**
 * The severity of a rule as GitHub reads it: critical above 9.0, high from 7.0, medium from 4.0
 * (docs.github.com, "SARIF support for code scanning").
 */
const scores: Readonly<Record<Gravity, string>> = { critical: '9.1', high: '7.5', medium: '5.0', low: '2.0' };

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

/** The state against the findings that stood before (SARIF 3.27.24). */
type State = 'new' | 'unchanged';

function resultOf(
  object: JudgedObject,
  finding: LocatedFinding,
  state: State,
  fingerprint: Fingerprint,
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
    partialFingerprints: fingerprintsOf(fingerprint),
    locations: [
      {
        physicalLocation: physicalLocation(file, finding),
        logicalLocations: [{ name: finding.subject, fullyQualifiedName: `${titleOf(object)}: ${finding.field}` }],
      },
    ],
  };
}

/**
 * The key that GitHub reads in place of a hash of the line, and one with a version of its own, as
 * SARIF 3.27.17 asks for.
 */
function fingerprintsOf({ hash, occurrence }: Fingerprint): object {
  const text = `${hash}:${occurrence}`;
  return { primaryLocationLineHash: text, 'ringfence/v1': text };
}

function notify({ file, line, column, message }: DocumentProblem, level: 'error' | 'warning'): object {
  const place = line === undefined ? undefined : { line, column: column ?? 1 };
  return {
    level,
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
