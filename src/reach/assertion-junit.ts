import { writeTestSuite } from '../report/test-suite.ts';
import type { Assertion } from './assertion.ts';
import type { Note } from './note.ts';

/**
 * Assertions as JUnit XML: a test case for each expectation. The notes are the suite's properties.
 */
export function assertionsJunit(assertions: readonly Assertion[], file: string, notes: readonly Note[]): string {
  return writeTestSuite(
    'ringfence assert',
    assertions.map(({ expectation: { line }, title, passed, details }) => {
      const attributes = { classname: file, name: title };
      if (passed) return { attributes };
      const message = details[0] ?? 'failed';
      return {
        attributes,
        outcome: { is: 'failure', attributes: { message }, text: [`${file}:${line}`, ...details].join('\n') },
      };
    }),
    notes.map(({ message }) => ['note', message] as const),
  );
}
