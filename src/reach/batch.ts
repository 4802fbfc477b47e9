import { isObject } from '../kubernetes/raw-object.ts';
import type { Endpoint } from '../network/evaluator.ts';
import type { Desk } from './desk.ts';
import { areOutside, isResolved, type ResolvedEnd } from './end.ts';
import { resolveEnd } from './endpoint.ts';
import { notesAbout } from './note.ts';
import { askFromOutside, type OutsideDesk, outside } from './outside-question.ts';
import { type AskedPort, readPort, withDefaultProtocol } from './port-text.ts';
import { ask, betweenAddresses, countVerdicts, type PairAnswer, type QuestionAnswer } from './question.ts';
import { endName, sayReasons, sayRemedies } from './reasons.ts';
import { findUnevaluated, type NamedEnd, sayUnevaluated, type Unevaluated } from './unevaluated.ts';

/** Answers one line of JSON at a time, and counts the lines that could not be answered. */
export interface BatchAnswerer {
  /**
   * Returns one line of JSON for one line: the same object with `verdict` and `reasons`, and with
   * the `notes` that concern its ends and the policies that are `unevaluated`, if there are some;
   * or with `error`. If the verdict is `mixed`, `parts` lists the verdicts of the parts. Returns an
   * empty text for a blank line.
   */
  answer(line: string): string;
  /** `outside`: those of the lines that ask what the outside reaches. */
  readonly counts: { readonly answered: number; readonly failed: number; readonly outside: number };
}

/**
 * Answers queries of the form `{"from": …, "to": …, "protocol": "TCP", "port": 5432}`. The ends are
 * whatever `--from` and `--to` take. All other fields of a query are returned unchanged.
 */
export function createBatchAnswerer(desk: Desk, outsideDesk?: OutsideDesk): BatchAnswerer {
  const counts = { answered: 0, failed: 0, outside: 0 };
  let lineNumber = 0;
  // A program asks about the same pods again and again, so their ends are kept. IP addresses are
  // not kept, because there may be any number of them.
  const known = new Map<string, ResolvedEnd>();

  function findEnd(value: unknown, field: string): ResolvedEnd | { readonly error: string } {
    if (typeof value !== 'string') return { error: `"${field}" is not a text such as namespace/pod or an IP` };
    const found = known.get(value);
    if (found !== undefined) return found;
    const end = resolveEnd(value, desk);
    if (!isResolved(end)) return { error: `"${field}": ${end.error}` };
    if (end.ends.every((one) => 'pod' in one)) known.set(value, end);
    return end;
  }

  function answerQuery(query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (query['from'] === outside && outsideDesk !== undefined) return answerOutside(query, outsideDesk);
    const [from, to] = [findEnd(query['from'], 'from'), findEnd(query['to'], 'to')];
    if ('error' in from) return from;
    if ('error' in to) return to;
    if (areOutside(from, to)) return { error: betweenAddresses };
    const port = withDefaultProtocol(readPort(query['port'], query['protocol']));
    if ('error' in port) return port;
    const said = answerOne(from, to, port) ?? answerMany(from, to, port);
    if (desk.notes.length === 0) return said;
    const notes = notesAbout(desk.notes, [...from.ends, ...to.ends]).map(({ message }) => message);
    return notes.length === 0 ? said : { ...said, notes };
  }

  function answerOutside(query: Readonly<Record<string, unknown>>, from: OutsideDesk): Said {
    counts.outside += 1;
    const to = query['to'];
    if (typeof to !== 'string') return { error: '"to" is not a text such as namespace/pod or an IP' };
    const port = withDefaultProtocol(readPort(query['port'], query['protocol']));
    if ('error' in port) return port;
    const answer = askFromOutside(to, port, from);
    if ('error' in answer) return { error: `"to": ${answer.error}` };
    const notes = from.notes.map(({ message }) => message);
    return { ...sayAnswer(answer), ...(notes.length === 0 ? {} : { notes }) };
  }

  /** Most queries are about one flow, which needs no matrix. Undefined if it is several flows. */
  function answerOne(from: ResolvedEnd, to: ResolvedEnd, { protocol, port }: AskedPort): Said | undefined {
    const [source, destination] = [from.ends[0], to.ends[0]];
    if (from.ends.length + to.ends.length > 2 || source === undefined || destination === undefined) return undefined;
    if ('range' in source || 'range' in destination || to.service !== undefined) return undefined;
    if (typeof port !== 'number' || protocol === undefined) return undefined;
    const flow = { from: source, to: destination, protocol, port };
    const answer = desk.evaluator.answer(flow);
    const reasons = sayReasons(answer, flow);
    const remedies = sayRemedies(answer, flow);
    // In most worlds there is nothing else that could decide.
    if (desk.others.isEmpty) return { verdict: answer.verdict, reasons: [...reasons, ...remedies] };
    const unevaluated = findUnevaluated({ from: endOf(source), to: endOf(destination) }, answer, desk.others);
    return {
      verdict: answer.verdict,
      reasons: [...reasons, ...unevaluated.map(sayUnevaluated), ...remedies],
      ...fieldOf(unevaluated),
    };
  }

  function answerMany(from: ResolvedEnd, to: ResolvedEnd, port: AskedPort): Said {
    const answer = ask(from, to, port, desk);
    const reasons = new Set(answer.pairs.filter(({ ports }) => ports === undefined).flatMap((pair) => pair.reasons));
    // A port that means nothing at any destination is a mistake in the query.
    const isResolvedThere = typeof port.port === 'string' || to.service !== undefined;
    if (isResolvedThere && answer.pairs.every(({ ports }) => ports === undefined))
      return { error: [...reasons].join('; ') };
    return sayAnswer(answer);
  }

  function sayAnswer(answer: QuestionAnswer): Said {
    const [first] = answer.pairs;
    const remarks = answer.remarks.length === 0 ? {} : { remarks: answer.remarks };
    if (answer.verdict !== 'mixed')
      return {
        verdict: answer.verdict,
        reasons: first === undefined ? [] : reasonsOf(first),
        ...fieldOf(answer.pairs.flatMap(({ unevaluated }) => unevaluated)),
        ...remarks,
      };
    const parts = answer.pairs.map((pair) => ({
      from: pair.fromNames.join(', '),
      to: pair.toNames.join(', '),
      ...(pair.ports === undefined ? {} : { ports: pair.ports }),
      verdict: pair.verdict,
      reasons: reasonsOf(pair),
      ...fieldOf(pair.unevaluated),
    }));
    return { verdict: 'mixed', reasons: [countVerdicts(answer)], ...remarks, parts };
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

type Said = Readonly<Record<string, unknown>>;

function reasonsOf({ reasons, unevaluated, remedies }: PairAnswer): readonly string[] {
  return [...reasons, ...unevaluated.map(sayUnevaluated), ...remedies];
}

function fieldOf(unevaluated: readonly Unevaluated[]): Said {
  return unevaluated.length === 0 ? {} : { unevaluated };
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
