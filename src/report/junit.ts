import type { DocumentProblem } from '../documents/document.ts';
import type { JudgedObject } from '../documents/judgement.ts';
import { fixOf, isFailing, messageOf, type Report, severityOf, titleOf } from './report.ts';
import { escapeXml } from './xml.ts';

/** Findings as JUnit XML: a test case for each object (failed where admission would refuse it), an error for each file that cannot be read. */
export function reportJunit(report: Report): string {
  const cases = [
    ...report.objects.map((object) => testCase(object, report)),
    ...report.problems.map((problem) => brokenCase(problem)),
  ];
  const failures = report.objects.filter((object) => isFailed(object, report)).length;
  const skipped = report.objects.filter((object) => isSkipped(object, report)).length;
  const counts = attributes({
    name: 'ringfence check',
    tests: cases.length,
    failures,
    errors: report.problems.length,
    skipped,
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(object: JudgedObject, report: Report): string {
  const { file, line } = object.document;
  const open = `    <testcase${attributes({ classname: file, name: titleOf(object), file, line })}`;
  const failing = object.findings.filter((finding) => isFailing(finding, report.strict));
  const others = object.findings.filter((finding) => !failing.includes(finding));
  const say = (finding: JudgedObject['findings'][number]): string =>
    `${file}:${finding.line}:${finding.column}: ${messageOf(finding)}  [${finding.check}]`;
  const parts: string[] = [];
  if (failing.length > 0) {
    const checks = [...new Set(failing.map(({ check }) => check))].join(' ');
    const message = failing.map(messageOf).join('; ');
    const text = [...failing.map(say), ...fixOf(object, report.config)].join('\n');
    parts.push(`      <failure${attributes({ message, type: checks })}>${escapeXml(text)}</failure>`);
  } else if (isSkipped(object, report)) {
    const undecided = object.findings.find((finding) => severityOf(finding) === 'undecided');
    const message = object.exempt || undecided === undefined ? 'exempt' : messageOf(undecided);
    parts.push(`      <skipped${attributes({ message })}/>`);
  }
  if (others.length > 0) parts.push(`      <system-out>${escapeXml(others.map(say).join('\n'))}</system-out>`);
  return parts.length === 0 ? `${open}/>` : [`${open}>`, ...parts, '    </testcase>'].join('\n');
}

function brokenCase({ file, line, column, message }: DocumentProblem): string {
  const place = line === undefined ? {} : { line };
  const text = line === undefined ? `${file}: ${message}` : `${file}:${line}:${column ?? 1}: ${message}`;
  return [
    `    <testcase${attributes({ classname: file, name: 'can be read', file, ...place })}>`,
    `      <error${attributes({ message, type: 'unreadable' })}>${escapeXml(text)}</error>`,
    '    </testcase>',
  ].join('\n');
}

function isFailed({ findings }: JudgedObject, { strict }: Report): boolean {
  return findings.some((finding) => isFailing(finding, strict));
}

/** Nothing was found, and yet nothing is proven: it was not judged, or a fact was missing. */
function isSkipped(object: JudgedObject, report: Report): boolean {
  const undecided = object.findings.some((finding) => severityOf(finding) === 'undecided');
  return (object.exempt || undecided) && !isFailed(object, report);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}
