import type { Desk } from './desk.ts';
import { areOutside, isResolved, type Unresolved } from './end.ts';
import { resolveEnd } from './endpoint.ts';
import type { Expectation } from './expectations.ts';
import type { Note } from './note.ts';
import { askFromOutside, type OutsideDesk, outside } from './outside-question.ts';
import { type AskedPort, formatAskedPort, withDefaultProtocol } from './port-text.ts';
import { ask, betweenAddresses, detailLines, pairTitle, type QuestionAnswer } from './question.ts';

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
 * fails if an end matches nothing, and if a port name means nothing at one of the pods.
 */
export function assertExpectation(expectation: Expectation, desk: Desk, outsideDesk?: OutsideDesk): Assertion {
  const { expected, protocol, port, ignoresOthers } = expectation;
  // What is denied is denied under every protocol. What is allowed is TCP, as in a NetworkPolicy.
  const asked = expected === 'deny' ? { protocol, port } : withDefaultProtocol({ protocol, port });
  const title = `${expected} ${expectation.from} to ${expectation.to} on ${formatAskedPort(asked)}`;
  const answer =
    expectation.from === outside && outsideDesk !== undefined
      ? askFromOutside(expectation.to, asked, outsideDesk)
      : askWithin(expectation, asked, desk);
  if ('error' in answer) return { expectation, title, passed: false, details: answer.error.split('\n') };
  const wanted = expected === 'allow' ? 'allowed' : 'denied';
  const others = answer.pairs
    .map((pair) => (ignoresOthers || pair.unevaluated.length === 0 ? pair : { ...pair, verdict: 'undefined' as const }))
    .filter(({ verdict }) => verdict !== wanted);
  const details = others.slice(0, shown).flatMap((pair) => [pairTitle(pair), ...detailLines(pair, '  ')]);
  if (others.length > shown) details.push(`and ${others.length - shown} more pairs`);
  return { expectation, title, passed: details.length === 0, details };
}

/** The answer between two ends of the world, or a line for each end that means nothing there. */
function askWithin(expectation: Expectation, asked: AskedPort, desk: Desk): QuestionAnswer | Unresolved {
  const [from, to] = [resolveEnd(expectation.from, desk), resolveEnd(expectation.to, desk)];
  const unresolved = [from, to].flatMap((end) => (isResolved(end) ? [] : [end.error]));
  if (!isResolved(from) || !isResolved(to)) return { error: unresolved.join('\n') };
  return areOutside(from, to) ? { error: betweenAddresses } : ask(from, to, asked, desk);
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
