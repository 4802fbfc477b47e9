import { formatPorts, portRange } from '../network/port-set.ts';
import type { Desk } from './desk.ts';
import { isResolved, type ResolvedEnd, resolveEnd } from './endpoint.ts';
import type { Expectation } from './expectations.ts';
import { groupEnds } from './group.ts';
import type { Note } from './note.ts';
import { ask, detailLines } from './question.ts';
import { survey } from './survey.ts';
import { sayReach } from './survey-text.ts';

/** The result of one expectation. */
export interface Assertion {
  readonly expectation: Expectation;
  /** `allow frontend/web to backend/api on TCP/8080`. */
  readonly title: string;
  readonly passed: boolean;
  /** What was found instead, with its reasons. Empty if the expectation passed. */
  readonly details: readonly string[];
}

/**
 * Checks an expectation against a world, from every pod of one end to every pod of the other. It
 * fails if an end matches nothing.
 */
export function assertExpectation(expectation: Expectation, desk: Desk): Assertion {
  const { expected, protocol, port } = expectation;
  const target = port === undefined ? formatPorts(portRange(protocol)) : `${protocol}/${port}`;
  const title = `${expected} ${expectation.from} to ${expectation.to} on ${target}`;
  const [from, to] = [resolveEnd(expectation.from, desk), resolveEnd(expectation.to, desk)];
  const unresolved = [from, to].flatMap((end) => (isResolved(end) ? [] : [end.error]));
  if (!isResolved(from) || !isResolved(to)) return { expectation, title, passed: false, details: unresolved };
  if ([...from.ends, ...to.ends].every((end) => 'address' in end))
    return { expectation, title, passed: false, details: ['both ends are addresses outside this cluster'] };
  const details =
    port === undefined ? findOpenPorts(from, to, protocol, desk) : findOthers(expected, from, to, protocol, port, desk);
  return { expectation, title, passed: details.length === 0, details };
}

/** The failures in words, and how many expectations passed. */
export function formatAssertions(assertions: readonly Assertion[], file: string): string {
  const failed = assertions.filter(({ passed }) => !passed);
  const lines = failed.flatMap(({ expectation, title, details }) => [
    `${file}:${expectation.line}: failed: ${title}`,
    ...details.map((detail) => `  ${detail}`),
  ]);
  return `${[...lines, `${assertions.length - failed.length} held, ${failed.length} failed`].join('\n')}\n`;
}

/** The results as one JSON document, with the notes. */
export function assertionsJson(assertions: readonly Assertion[], file: string, notes: readonly Note[]): string {
  const rows = assertions.map(({ expectation: { line, expected, from, to, protocol, port }, passed, details }) => {
    return { file, line, expected, from, to, protocol, port, passed, details };
  });
  return `${JSON.stringify({ assertions: rows, notes }, undefined, 2)}\n`;
}

/**
 * How many failures of one expectation are shown. The first few are enough to see what is wrong.
 */
const shown = 5;

function findOthers(
  expected: Expectation['expected'],
  from: ResolvedEnd,
  to: ResolvedEnd,
  protocol: Expectation['protocol'],
  port: number,
  desk: Desk,
): readonly string[] {
  const wanted = expected === 'allow' ? 'allowed' : 'denied';
  const others = ask(from, to, { protocol, port }, desk).pairs.filter(({ verdict }) => verdict !== wanted);
  const details = others
    .slice(0, shown)
    .flatMap((pair) => [`${pair.verdict}: ${pair.from} to ${pair.to}`, ...detailLines(pair, '  ')]);
  return others.length > shown ? [...details, `and ${others.length - shown} more pairs`] : details;
}

function findOpenPorts(
  from: ResolvedEnd,
  to: ResolvedEnd,
  protocol: Expectation['protocol'],
  desk: Desk,
): readonly string[] {
  const question = { from: groupEnds(from.ends, to.ends, desk), to: groupEnds(to.ends, from.ends, desk), protocol };
  const flows = [...survey(question, desk)];
  const details = flows
    .slice(0, shown)
    .map((flow) => `open: ${flow.from.name} to ${flow.to.name}: ${sayReach(flow.reach)}`);
  return flows.length > shown ? [...details, `and ${flows.length - shown} more pairs`] : details;
}
