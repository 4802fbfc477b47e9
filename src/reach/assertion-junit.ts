import { escapeXml } from '../report/xml.ts';
import type { Assertion } from './assertion.ts';

/** Assertions as JUnit XML: a test case for each expectation. */
export function assertionsJunit(assertions: readonly Assertion[], file: string): string {
  const failures = assertions.filter(({ passed }) => !passed).length;
  const cases = assertions.map(({ expectation, title, passed, details }) => {
    const open = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(title)}" line="${expectation.line}"`;
    if (passed) return `${open}/>`;
    const text = escapeXml(details.join('\n'));
    return `${open}>\n      <failure message="${escapeXml(details[0] ?? 'failed')}">${text}</failure>\n    </testcase>`;
  });
  const counts = `tests="${assertions.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="ringfence assert" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
