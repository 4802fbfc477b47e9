import { hasPort } from '../network/port-set.ts';
import type { Verdict } from '../network/side.ts';
import type { Desk } from './desk.ts';
import type { ResolvedEnd } from './endpoint.ts';
import { type Group, groupEnds, isSelf, namedEnd, representatives } from './group.ts';
import { type AskedPort, formatAskedPort } from './port-text.ts';
import { sayNearMisses, sayReasons, sayRemedies } from './reasons.ts';
import { findUnevaluated, mayChange, sayUnevaluated, type Unevaluated } from './unevaluated.ts';

/** The answer for two groups of ends that behave alike. */
export interface PairAnswer {
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  /** The path of reasons, source first. Empty for pairs beyond the limit on explanations. */
  readonly reasons: readonly string[];
  /** What would have to change for a denied flow to be allowed. */
  readonly remedies: readonly string[];
  /** Rules that nearly allow the flow. */
  readonly nearMisses: readonly string[];
  /** Policies of other kinds that could change the verdict. */
  readonly unevaluated: readonly Unevaluated[];
}

export interface QuestionAnswer {
  readonly from: string;
  readonly to: string;
  readonly port: AskedPort;
  /** `mixed` if the pairs have different verdicts. */
  readonly verdict: Verdict | 'mixed';
  readonly pairs: readonly PairAnswer[];
}

/**
 * Answers for every pair of the ends' pods, by class. The pair of a pod and itself is left out,
 * unless it is the only pair.
 */
export function ask(from: ResolvedEnd, to: ResolvedEnd, port: AskedPort, desk: Desk): QuestionAnswer {
  const sources = groupEnds(from.ends, to.ends, desk);
  const destinations = groupEnds(to.ends, from.ends, desk);
  const explained = new Map<Verdict, number>();
  const all = sources.flatMap((source) => destinations.map((destination) => [source, destination] as const));
  const others = all.filter(([source, destination]) => !isSelf(source, destination));
  const pairs = (others.length > 0 ? others : all).map(([source, destination]): PairAnswer => {
    const known = quickVerdict(source, destination, port, desk);
    const count = explained.get(known ?? 'undefined') ?? 0;
    const names = { from: source.name, to: destination.name };
    const ends = { from: namedEnd(source), to: namedEnd(destination) };
    if (known !== undefined && count >= explainedLimit && !mayChange(ends, desk.others))
      return { ...names, verdict: known, reasons: [], remedies: [], nearMisses: [], unevaluated: [] };
    const flow = { ...representatives(source, destination), ...port };
    const answer = desk.evaluator.answer(flow);
    const unevaluated = findUnevaluated(ends, answer, desk.others);
    if (known !== undefined && count >= explainedLimit)
      return { ...names, verdict: known, reasons: [], remedies: [], nearMisses: [], unevaluated };
    explained.set(answer.verdict, count + 1);
    return {
      ...names,
      unevaluated,
      verdict: answer.verdict,
      reasons: sayReasons(answer, flow),
      remedies: sayRemedies(answer, flow),
      nearMisses: sayNearMisses(answer, flow, desk.evaluator),
    };
  });
  const verdicts = new Set(pairs.map(({ verdict }) => verdict));
  const [first] = verdicts;
  const verdict = verdicts.size === 1 && first !== undefined ? first : 'mixed';
  return { from: from.text, to: to.text, port, verdict, pairs };
}

/** The answer in words: the verdict, then each pair with its reasons. */
export function formatAnswer(answer: QuestionAnswer): string {
  const [only, ...others] = answer.pairs;
  const question = `${answer.from} to ${answer.to} on ${formatAskedPort(answer.port)}`;
  const lines = [`${answer.verdict}: ${question}${answer.verdict === 'mixed' ? ` (${countVerdicts(answer)})` : ''}`];
  if (only !== undefined && others.length === 0) lines.push(...detailLines(only, '  '));
  else {
    const explained = answer.pairs.filter(({ reasons }) => reasons.length > 0);
    for (const pair of explained)
      lines.push(`  ${pair.verdict}: ${pair.from} to ${pair.to}`, ...detailLines(pair, '    '));
    const rest = answer.pairs.length - explained.length;
    if (rest > 0) lines.push(`  and ${rest} more pairs (-o json lists them)`);
  }
  return `${lines.join('\n')}\n`;
}

/** Reasons, policies that are not evaluated, near misses and remedies, a line each. */
export function detailLines(pair: PairAnswer, indent: string): readonly string[] {
  return [
    ...pair.reasons,
    ...pair.unevaluated.map((one) => `but ${sayUnevaluated(one)}`),
    ...pair.nearMisses.map((miss) => `near: ${miss}`),
    ...pair.remedies.map((remedy) => `to allow it: ${remedy}`),
  ].map((line) => `${indent}${line}`);
}

/**
 * How many pairs of one verdict are explained. A reader needs no more, and all pairs are still
 * counted.
 */
const explainedLimit = 20;

/** The matrix's verdict between pods. Undefined if the question contains an address or ICMP. */
function quickVerdict(from: Group, to: Group, { protocol, port }: AskedPort, desk: Desk): Verdict | undefined {
  if (from.kind === 'address' || to.kind === 'address' || protocol === 'ICMP' || isSelf(from, to)) return undefined;
  const { allowed, undecided } = desk.matrix().between(from.one, to.one);
  if (hasPort(allowed, protocol, port)) return 'allowed';
  return hasPort(undecided, protocol, port) ? 'undefined' : 'denied';
}

function countVerdicts({ pairs }: QuestionAnswer): string {
  const counts = (['allowed', 'denied', 'undefined'] as const).map(
    (verdict) => [pairs.filter((pair) => pair.verdict === verdict).length, verdict] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, verdict]) => `${count} ${verdict}`);
  return `${parts.join(', ')}, by classes of equal pods`;
}
