import { formatPorts, portRange } from '../network/port-set.ts';
import type { Direction } from '../network/rules.ts';
import type { Desk } from './desk.ts';
import { isResolved, type ResolvedEnd, resolveEnd } from './endpoint.ts';
import type { Expectation } from './expectations.ts';
import { type Group, groupEnds, isSelf, namedEnd } from './group.ts';
import type { Note } from './note.ts';
import { ask, detailLines } from './question.ts';
import { survey } from './survey.ts';
import { sayReach } from './survey-text.ts';
import { findOpening, sayUnevaluated } from './unevaluated.ts';

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
    port === undefined ? findOpenPorts(from, to, expectation, desk) : findOthers(expectation, from, to, port, desk);
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
  { expected, protocol, ignoresOthers }: Expectation,
  from: ResolvedEnd,
  to: ResolvedEnd,
  port: number,
  desk: Desk,
): readonly string[] {
  const wanted = expected === 'allow' ? 'allowed' : 'denied';
  const others = ask(from, to, { protocol, port }, desk)
    .pairs.map((pair) =>
      pair.unevaluated.length > 0 && !ignoresOthers ? ({ ...pair, verdict: 'undefined' } as const) : pair,
    )
    .filter(({ verdict }) => verdict !== wanted);
  const details = others
    .slice(0, shown)
    .flatMap((pair) => [`${pair.verdict}: ${pair.from} to ${pair.to}`, ...detailLines(pair, '  ')]);
  return others.length > shown ? [...details, `and ${others.length - shown} more pairs`] : details;
}

function findOpenPorts(
  from: ResolvedEnd,
  to: ResolvedEnd,
  { protocol, ignoresOthers }: Expectation,
  desk: Desk,
): readonly string[] {
  const question = { from: groupEnds(from.ends, to.ends, desk), to: groupEnds(to.ends, from.ends, desk), protocol };
  const flows = [...survey(question, desk)];
  const details = flows
    .slice(0, shown)
    .map((flow) => `open: ${flow.from.name} to ${flow.to.name}: ${sayReach(flow.reach)}`);
  if (flows.length > shown) return [...details, `and ${flows.length - shown} more pairs`];
  return details.length > 0 || ignoresOthers ? details : findDoubts(question.from, question.to, desk);
}

/** Whether NetworkPolicies deny every port of these pods in a direction, whatever the other end. */
function isClosed(group: Group, direction: Direction): boolean {
  const policies = group.kind === 'pods' ? group.one.isolatedBy[direction] : [];
  return policies.length > 0 && policies.every((policy) => policy[direction].length === 0);
}

/** The pairs between which policies of other kinds could open a port. */
function findDoubts(from: readonly Group[], to: readonly Group[], desk: Desk): readonly string[] {
  const doubts = from.flatMap((source) =>
    to.flatMap((destination): readonly (readonly string[])[] => {
      if (isSelf(source, destination)) return [];
      const ends = { from: namedEnd(source), to: namedEnd(destination) };
      const closed = { egress: isClosed(source, 'egress'), ingress: isClosed(destination, 'ingress') };
      const found = findOpening(ends, closed, desk.others);
      if (found.length === 0) return [];
      const lines = found.map((one) => `  but ${sayUnevaluated(one)}`);
      return [[`undefined: ${source.name} to ${destination.name}`, ...lines]];
    }),
  );
  const details = doubts.slice(0, shown).flat();
  return doubts.length > shown ? [...details, `and ${doubts.length - shown} more pairs`] : details;
}
