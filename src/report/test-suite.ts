/** One test case of a JUnit report. */
export interface TestCase {
  readonly attributes: { readonly classname: string; readonly name: string };
  /** Undefined means that the test case passed. */
  readonly outcome?: Outcome | undefined;
  /** Output in addition to the outcome. */
  readonly output?: string | undefined;
}

type Attributes = Readonly<Record<string, string | number>>;

/** What concerns a whole suite: sentences, each with a name. */
export type Remarks = readonly (readonly [name: string, sentence: string])[];

export interface Outcome {
  readonly is: 'failure' | 'error' | 'skipped';
  readonly attributes: { readonly message: string; readonly type?: string };
  readonly text?: string;
}

/**
 * One suite as JUnit XML, in the form of Maven Surefire (surefire-test-report.xsd), which every
 * reader of JUnit takes. It has no place for lines and files, and each case must have a time.
 */
export function writeTestSuite(name: string, cases: readonly TestCase[], remarks: Remarks = []): string {
  const count = (is: Outcome['is']): number => cases.filter(({ outcome }) => outcome?.is === is).length;
  const counts = { failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite${writeAttributes({ name, tests: cases.length, ...counts })}>`,
    ...writeRemarks(remarks),
    ...cases.map(writeCase),
    '</testsuite>',
    '',
  ].join('\n');
}

function writeRemarks(remarks: Remarks): readonly string[] {
  if (remarks.length === 0) return [];
  const lines = remarks.map(([name, value]) => `    <property${writeAttributes({ name, value })}/>`);
  return ['  <properties>', ...lines, '  </properties>'];
}

function writeCase({ attributes, outcome, output }: TestCase): string {
  const parts = [
    ...(outcome === undefined ? [] : [writeElement(outcome.is, outcome.attributes, outcome.text)]),
    ...(output === undefined ? [] : [writeElement('system-out', {}, output)]),
  ];
  // Nothing is measured here.
  const open = `  <testcase${writeAttributes({ ...attributes, time: 0 })}`;
  return parts.length === 0 ? `${open}/>` : [`${open}>`, ...parts, '  </testcase>'].join('\n');
}

function writeElement(name: string, attributes: Attributes, text: string | undefined): string {
  const open = `    <${name}${writeAttributes(attributes)}`;
  return text === undefined ? `${open}/>` : `${open}>${escapeXml(text)}</${name}>`;
}

function writeAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** Text for XML 1.0, without the characters that XML cannot represent. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
