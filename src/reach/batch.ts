import { isObject } from '../kubernetes/raw-object.ts';
import type { Endpoint } from '../network/evaluator.ts';
import type { Desk } from './desk.ts';
import { isResolved, resolveEnd } from './endpoint.ts';
import { notesAbout } from './note.ts';
import { readPortNumber } from './port-text.ts';
import { endName, sayReasons, sayRemedies } from './reasons.ts';
import { findUnevaluated, type NamedEnd, sayUnevaluated } from './unevaluated.ts';

/** Answers one line of JSON at a time, and counts the lines that could not be answered. */
export interface BatchAnswerer {
  /**
   * Returns one line of JSON for one line: the same object with `verdict` and `reasons`, and with
   * the `notes` that concern its ends and the policies that are `unevaluated`, if there are some;
   * or with `error`. Returns an empty text for a blank line.
   */
  answer(line: string): string;
  readonly counts: { readonly answered: number; readonly failed: number };
}

/**
 * Answers queries of the form `{"from": …, "to": …, "protocol": "TCP", "port": 5432}`. All other
 * fields of a query are returned unchanged.
 */
export function createBatchAnswerer(desk: Desk): BatchAnswerer {
  const counts = { answered: 0, failed: 0 };
  let lineNumber = 0;
  // A program asks about the same pods again and again, so their ends are kept. IP addresses are
  // not kept, because there may be any number of them.
  const known = new Map<string, Endpoint>();

  function findEnd(value: unknown, field: string): Endpoint | { readonly error: string } {
    if (typeof value !== 'string') return { error: `"${field}" is not a text such as namespace/pod or an IP` };
    const found = known.get(value);
    if (found !== undefined) return found;
    const pod = desk.inventory.podsByName.get(value);
    if (pod !== undefined) {
      known.set(value, { pod });
      return { pod };
    }
    const end = resolveEnd(value, desk);
    if (!isResolved(end)) return { error: `"${field}": ${end.error}` };
    const [first] = end.ends;
    if (first === undefined || end.ends.length > 1)
      return { error: `"${field}": ${value} is ${end.ends.length} pods; name one, as namespace/pod` };
    return first;
  }

  function answerQuery(query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const [from, to] = [findEnd(query['from'], 'from'), findEnd(query['to'], 'to')];
    if ('error' in from) return from;
    if ('error' in to) return to;
    if ('address' in from && 'address' in to)
      return { error: 'both ends are addresses outside this cluster: NetworkPolicies say nothing about them' };
    const port = readPortNumber(query['port'], query['protocol'] ?? undefined);
    if ('error' in port) return port;
    const flow = { from, to, ...port };
    const answer = desk.evaluator.answer(flow);
    const notes = notesAbout(desk.notes, [from, to]).map(({ message }) => message);
    const unevaluated = findUnevaluated({ from: endOf(from), to: endOf(to) }, answer, desk.others);
    const others = unevaluated.map(sayUnevaluated);
    return {
      verdict: answer.verdict,
      reasons: [...sayReasons(answer, flow), ...others, ...sayRemedies(answer, flow)],
      ...(unevaluated.length === 0 ? {} : { unevaluated }),
      ...(notes.length === 0 ? {} : { notes }),
    };
  }

  return {
    counts,
    answer(line) {
      lineNumber += 1;
      if (line.trim() === '') return '';
      const query = readQuery(line);
      const said =
        query === undefined ? { line: lineNumber, error: 'the line is not a JSON object' } : answerQuery(query);
      if ('error' in said) counts.failed += 1;
      else counts.answered += 1;
      return `${JSON.stringify({ ...query, ...said })}\n`;
    },
  };
}

function endOf(end: Endpoint): NamedEnd {
  return { name: endName(end), pods: 'pod' in end ? [end.pod] : [] };
}

function readQuery(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * No query is longer than this. Longer input without the end of a line is not a list of queries,
 * and is not collected in memory.
 */
const lineLimit = 1_048_576;

/**
 * Answers a stream of lines chunk by chunk, in order, and skips blank lines. The next chunk is
 * answered only when the previous one has been taken, so memory does not grow with the stream.
 * Throws an Error with a sentence if a line is longer than the limit.
 */
export async function* answerChunks(
  chunks: AsyncIterable<Uint8Array>,
  answerer: BatchAnswerer,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineLimit) throw new Error(`a query is longer than ${lineLimit} characters`);
    const answers = answerLines(lines, answerer);
    if (answers !== '') yield answers;
  }
  const answers = answerLines([rest + decoder.decode()], answerer);
  if (answers !== '') yield answers;
}

function answerLines(lines: readonly string[], answerer: BatchAnswerer): string {
  return lines.map((line) => answerer.answer(line)).join('');
}
