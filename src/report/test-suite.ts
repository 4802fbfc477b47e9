/** One test case of a JUnit report. */
export interface TestCase {
  /** For example classname, name, file and line. */
  readonly attributes: Attributes;
  /** Undefined means that the test case passed. */
  readonly outcome?: Outcome | undefined;
  /** Output in addition to the outcome. */
  readonly output?: string | undefined;
}

export type Attributes = Readonly<Record<string, string | number>>;

export interface Outcome {
  readonly is: 'failure' | 'error' | 'skipped';
  readonly attributes: Attributes;
  readonly text?: string;
}

/** One suite as JUnit XML. `output` has lines that concern the whole suite. */
export function writeTestSuite(name: string, cases: readonly TestCase[], output: readonly string[] = []): string {
  const count = (is: Outcome['is']): number => cases.filter(({ outcome }) => outcome?.is === is).length;
  const counts = { failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${writeAttributes({ name, tests: cases.length, ...counts })}>`,
    ...cases.map(writeCase),
    ...(output.length === 0 ? [] : [`    <system-out>${escapeXml(output.join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function writeCase({ attributes, outcome, output }: TestCase): string {
  const parts = [
    ...(outcome === undefined ? [] : [writeElement(outcome.is, outcome.attributes, outcome.text)]),
    ...(output === undefined ? [] : [writeElement('system-out', {}, output)]),
  ];
  const open = `    <testcase${writeAttributes(attributes)}`;
  return parts.length === 0 ? `${open}/>` : [`${open}>`, ...parts, '    </testcase>'].join('\n');
}

function writeElement(name: string, attributes: Attributes, text: string | undefined): string {
  const open = `      <${name}${writeAttributes(attributes)}`;
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
