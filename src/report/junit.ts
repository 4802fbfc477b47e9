import { type DocumentProblem, formatDocumentProblem } from '../documents/document.ts';
import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { Told } from '../policy/cause.ts';
import { linesOf } from './lines.ts';
import { fixOf, isFailing, messageOf, type Report, severityOf, titleOf } from './report.ts';
import { type Outcome, type TestCase, writeTestSuite } from './test-suite.ts';
import { summarize } from './text.ts';

/**
 * Findings as JUnit XML. Each object is a test case, which fails if admission would refuse the
 * object. Each file that cannot be read is an error, or skipped
 * with `--ignore-unreadable`.
 */
export function reportJunit(report: Report): string {
  const cases = [
    ...report.objects.map((object) => testCase(object, report)),
    ...report.problems.map((problem) => brokenCase(problem, report)),
  ];
  return writeTestSuite('ringfence check', cases, [
    ...report.notes.map((text) => ['note', text] as const),
    ['summary', summarize(report)],
  ]);
}

type Line = Told<LocatedFinding>;

function testCase(object: JudgedObject, report: Report): TestCase {
  const { file } = object.document;
  const [failing, others] = [true, false].map((fails) =>
    linesOf(object).filter(({ findings: [finding] }) => isFailing(finding, report.strict) === fails),
  ) as [Line[], Line[]];
  const say = (told: Line): string => {
    const [{ line: at, column }] = told.findings;
    return `${file}:${at}:${column}: ${messageOf(told)}  [${told.checks.join(', ')}]`;
  };
  return {
    attributes: { classname: file, name: titleOf(object) },
    outcome: failing.length > 0 ? failure(object, failing.map(say), failing, report) : skip(object),
    output: others.length > 0 ? others.map(say).join('\n') : undefined,
  };
}

function failure(
  object: JudgedObject,
  lines: readonly string[],
  failing: readonly Line[],
  { config }: Report,
): Outcome {
  const type = [...new Set(failing.flatMap(({ checks }) => checks))].join(' ');
  const message = failing.map(messageOf).join('; ');
  return { is: 'failure', attributes: { message, type }, text: [...lines, ...fixOf(object, config)].join('\n') };
}

/**
 * The object has no finding that decides, but is not proven correct: it was not judged, or a fact
 * was missing.
 */
function skip({ exempt, findings }: JudgedObject): Outcome | undefined {
  const undecided = findings.find((finding) => severityOf(finding) === 'undecided');
  if (exempt) return { is: 'skipped', attributes: { message: 'exempt' } };
  return undecided && { is: 'skipped', attributes: { message: messageOf(undecided) } };
}

function brokenCase(problem: DocumentProblem, { ignoreUnreadable }: Report): TestCase {
  const { file, message } = problem;
  return {
    attributes: { classname: file, name: 'can be read' },
    outcome: ignoreUnreadable
      ? { is: 'skipped', attributes: { message: `unreadable: ${message}` } }
      : { is: 'error', attributes: { message, type: 'unreadable' }, text: formatDocumentProblem(problem) },
  };
}
