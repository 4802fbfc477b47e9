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

/** Text for XML 1.0, without the characters that XML cannot hold in any form. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
