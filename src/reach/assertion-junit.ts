import { writeTestSuite } from '../report/test-suite.ts';
import type { Assertion } from './assertion.ts';

/** Assertions as JUnit XML: a test case for each expectation. */
export function assertionsJunit(assertions: readonly Assertion[], file: string): string {
  return writeTestSuite(
    'ringfence assert',
    assertions.map(({ expectation: { line }, title, passed, details }) => {
      const attributes = { classname: file, name: title, line };
      if (passed) return { attributes };
      const message = details[0] ?? 'failed';
      return { attributes, outcome: { is: 'failure', attributes: { message }, text: details.join('\n') } };
    }),
  );
}
