import { type TestCase, writeTestSuite } from '../report/test-suite.ts';
import { countOf } from '../wording/number.ts';
import type { Cause } from './causes.ts';
import { type AuditReport, summarize } from './report.ts';
import { noteLines, remarksOn } from './text.ts';

/**
 * An audit as JUnit XML: a test case for each namespace, for calls of the API server and for each
 * line of the doctor. A case fails for what makes the audit exit with 1, and one that is not
 * decided is skipped.
 */
export function auditJunit(report: AuditReport): string {
  const causes = Map.groupBy(report.causes, ({ namespace }) => namespace);
  const cases = [
    ...report.namespaces.map((one): TestCase => {
      const name = `Namespace ${one.name}`;
      return caseOf({ classname: 'namespaces', name }, causes.get(one.name) ?? [], remarksOn(one), report);
    }),
    ...(causes.has('')
      ? [caseOf({ classname: 'cluster', name: 'objects without a namespace' }, causes.get('') ?? [], [], report)]
      : []),
    ...report.apiServerCalls.map(({ namespace, service, port, fate, reason }): TestCase => {
      const attributes = { classname: 'api-server', name: `${namespace}/${service} on port ${port}` };
      if (fate === 'cut')
        return { attributes, outcome: { is: 'failure', attributes: { message: reason, type: 'api-server-traffic' } } };
      if (fate === 'undecided') return undecidedCase(attributes, `not decided: ${reason}`, report);
      return { attributes, output: `${fate}: ${reason}` };
    }),
    ...(report.doctor ?? []).map(({ examination, status, looked, found, means, remedy }): TestCase => {
      const attributes = { classname: 'doctor', name: `${examination}: ${looked}` };
      if (status === 'undecided') return undecidedCase(attributes, found, report);
      if (status !== 'finding') return { attributes, output: found };
      const text = [means, remedy].filter((line) => line !== '').join('\n');
      return { attributes, outcome: { is: 'failure', attributes: { message: found, type: examination }, text } };
    }),
  ];
  return writeTestSuite('ringfence audit', cases, [
    ...noteLines(report).map((line) => ['note', line] as const),
    ['summary', summarize(report)],
  ]);
}

function undecidedCase(attributes: TestCase['attributes'], message: string, { strict }: AuditReport): TestCase {
  return strict
    ? { attributes, outcome: { is: 'failure', attributes: { message, type: 'undecided' } } }
    : { attributes, outcome: { is: 'skipped', attributes: { message } } };
}

function caseOf(
  attributes: TestCase['attributes'],
  causes: readonly Cause[],
  remarks: readonly string[],
  { strict }: AuditReport,
): TestCase {
  const isFailing = ({ severity }: Cause): boolean =>
    severity === 'error' || (strict && (severity === 'warning' || severity === 'undecided'));
  const failing = causes.filter(isFailing);
  const others = causes.filter((cause) => !isFailing(cause));
  const output = [...remarks, ...others.map(say)].join('\n');
  const told = output === '' ? {} : { output };
  if (failing.length === 0) {
    const doubt = others.find(({ severity }) => severity === 'undecided');
    if (doubt === undefined) return { attributes, ...told };
    return { attributes, outcome: { is: 'skipped', attributes: { message: say(doubt) } }, ...told };
  }
  const count = failing.reduce((sum, one) => sum + one.count, 0);
  const message = countOf(count, 'finding');
  const type = [...new Set(failing.flatMap(({ checks }) => checks))].join(' ');
  const lines = failing.flatMap((cause) => [say(cause), ...cause.fix.map((line) => `  ${line}`)]);
  return { attributes, outcome: { is: 'failure', attributes: { message, type }, text: lines.join('\n') }, ...told };
}

function say({ at, message, checks, count, severity }: Cause): string {
  const counted = count === 1 ? '' : ` (${count} findings)`;
  return `${at.join(', ')}: ${severity === 'error' ? '' : `${severity}: `}${message}  [${checks.join(', ')}]${counted}`;
}
