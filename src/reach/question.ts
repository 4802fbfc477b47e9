import {
  formatPorts,
  intersect,
  noPorts,
  type PortSet,
  type PortSpan,
  portRange,
  portSpans,
  unite,
  without,
} from '../network/port-set.ts';
import type { Direction } from '../network/rules.ts';
import type { Verdict } from '../network/side.ts';
import type { Desk } from './desk.ts';
import type { ResolvedEnd } from './end.ts';
import { type Group, groupEnds, groupNames, isSelf, namedEnd, representatives } from './group.ts';
import { reachBetween } from './pair-reach.ts';
import { type AskedPort, formatAskedPort, portsOf } from './port-text.ts';
import { sayNearMisses, sayReasons, sayRemedies } from './reasons.ts';
import { findOpening, findUnevaluated, mayChange, sayUnevaluated, type Unevaluated } from './unevaluated.ts';

/** The answer for two groups of ends that behave alike. */
export interface PairAnswer {
  readonly from: string;
  readonly to: string;
  /** Every name of the groups. */
  readonly fromNames: readonly string[];
  readonly toNames: readonly string[];
  /**
   * The ports that have this verdict, as the destination's pods see them. Missing if the question
   * is of one port and no Service translates it.
   */
  readonly ports?: readonly PortSpan[];
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
  /** What else a reader should know about the ends, for example that a Service is headless. */
  readonly remarks: readonly string[];
  readonly pairs: readonly PairAnswer[];
}

/**
 * Answers for every pair of the ends' pods, by class. The pair of a pod and itself is left out,
 * unless it is the only pair. If a pair's ports have different verdicts, each verdict has an answer
 * of its own. A port name that a destination does not have is `undefined` there.
 */
export function ask(from: ResolvedEnd, to: ResolvedEnd, port: AskedPort, desk: Desk): QuestionAnswer {
  const groups = groupEnds(from, to, port, desk);
  const all = (groups.from ?? []).flatMap((source) =>
    (groups.to ?? []).map((destination) => [source, destination] as const),
  );
  const others = all.filter(([source, destination]) => !isSelf(source, destination));
  const explained = new Map<Verdict, number>();
  const isOne = typeof port.port === 'number' && port.protocol !== undefined && to.service === undefined;
  const pairs = (others.length > 0 ? others : all).flatMap(([source, destination]) =>
    answersOf(source, destination, port, desk).map(({ verdict, ports, reason }): PairAnswer => {
      const names = {
        from: source.name,
        to: destination.name,
        fromNames: namesOf(source, desk),
        toNames: namesOf(destination, desk),
        ...(isOne || ports.length === 0 ? {} : { ports: portSpans(ports) }),
        verdict,
      };
      const count = explained.get(verdict) ?? 0;
      explained.set(verdict, count + 1);
      const untold = { ...names, reasons: [], remedies: [], nearMisses: [], unevaluated: [] };
      if (reason !== undefined) return { ...untold, reasons: [reason] };
      const ends = { from: namedEnd(source), to: namedEnd(destination) };
      if (count >= explainedLimit && !mayChange(ends, desk.others)) return untold;
      const [span] = portSpans(ports);
      const flow = {
        ...representatives(source, destination),
        protocol: port.protocol ?? span?.protocol ?? 'TCP',
        port: span?.first ?? 0,
      };
      const answer = desk.evaluator.answer(flow);
      const closed = { egress: isClosed(source, 'egress'), ingress: isClosed(destination, 'ingress') };
      const unevaluated =
        isOne || verdict !== 'denied'
          ? findUnevaluated(ends, answer, desk.others)
          : findOpening(ends, closed, desk.others);
      if (count >= explainedLimit) return { ...untold, unevaluated };
      return {
        ...names,
        unevaluated,
        reasons: sayReasons(answer, flow),
        remedies: sayRemedies(answer, flow),
        nearMisses: sayNearMisses(answer, flow, desk.evaluator),
      };
    }),
  );
  const verdicts = new Set(pairs.map(({ verdict }) => verdict));
  const [first] = verdicts;
  const verdict = verdicts.size === 1 && first !== undefined ? first : 'mixed';
  const remarks = [from, to].flatMap(({ remark }) => remark ?? []);
  return { from: from.text, to: to.text, port, verdict, remarks, pairs };
}

/** The answer in words: the verdict, then each pair with its reasons. */
export function formatAnswer(answer: QuestionAnswer): string {
  const [only, ...others] = answer.pairs;
  const question = `${answer.from} to ${answer.to} on ${formatAskedPort(answer.port)}`;
  const lines = [`${answer.verdict}: ${question}${answer.verdict === 'mixed' ? ` (${countVerdicts(answer)})` : ''}`];
  for (const remark of answer.remarks) lines.push(`  ${remark}`);
  if (only !== undefined && others.length === 0) {
    if (only.ports !== undefined) lines.push(`  ports of ${only.to}: ${formatSpans(only.ports)}`);
    for (const line of detailLines(only, '  ')) lines.push(line);
  } else {
    const explained = answer.pairs.filter(({ reasons }) => reasons.length > 0);
    for (const pair of explained) lines.push(`  ${pairTitle(pair)}`, ...detailLines(pair, '    '));
    const rest = answer.pairs.length - explained.length;
    if (rest > 0) lines.push(`  and ${rest} more pairs (-o json lists them)`);
  }
  return `${lines.join('\n')}\n`;
}

/** `denied: shop/web to shop/db on TCP/5432`. The ports are left out if the question names them. */
export function pairTitle({ verdict, from, to, ports }: PairAnswer): string {
  return `${verdict}: ${from} to ${to}${ports === undefined ? '' : ` on ${formatSpans(ports)}`}`;
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

/** How many pairs have each verdict. */
export function countVerdicts({ pairs }: QuestionAnswer): string {
  const counts = (['allowed', 'denied', 'undefined'] as const).map(
    (verdict) => [pairs.filter((pair) => pair.verdict === verdict).length, verdict] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, verdict]) => `${count} ${verdict}`);
  return `${parts.join(', ')}, by classes of equal pods`;
}

/**
 * How many pairs of one verdict are explained. A reader needs no more, and all pairs are still
 * counted.
 */
const explainedLimit = 20;

interface PortsAnswer {
  readonly verdict: Verdict;
  readonly ports: PortSet;
  /** Why the question means nothing between these groups. */
  readonly reason?: string;
}

/** The verdicts between two groups, each with its ports of those that the question is about. */
function answersOf(from: Group, to: Group, port: AskedPort, desk: Desk): readonly PortsAnswer[] {
  const target = to.target ?? { ports: portsOf(port) };
  if ('unresolved' in target) return [{ verdict: 'undefined', ports: noPorts, reason: target.unresolved }];
  const reach = reachBetween(from, to, desk);
  if (reach === undefined) return [{ verdict: 'undefined', ports: noPorts, reason: betweenAddresses }];
  if (port.protocol === 'ICMP') return [{ verdict: isSelf(from, to) ? 'allowed' : 'undefined', ports: noPorts }];
  const [allowed, undecided] = [reach.allowed, reach.undecided].map((ports) => intersect(ports, target.ports)) as [
    PortSet,
    PortSet,
  ];
  const denied = without(target.ports, unite(allowed, undecided));
  const parts: readonly PortsAnswer[] = [
    { verdict: 'allowed', ports: allowed },
    { verdict: 'undefined', ports: undecided },
    { verdict: 'denied', ports: denied },
  ];
  return parts.filter(({ ports }) => ports.length > 0);
}

/**
 * Whether NetworkPolicies deny every port of these pods in a direction, whatever the other end.
 * Several ports may be denied at different ends, so for them only such an end counts as closed.
 */
function isClosed(group: Group, direction: Direction): boolean {
  const policies = group.kind === 'pods' ? group.one.isolatedBy[direction] : [];
  return policies.length > 0 && policies.every((policy) => policy[direction].length === 0);
}

/** Why a question about two addresses has no answer. */
export const betweenAddresses = 'both ends are addresses outside this cluster: NetworkPolicies say nothing about them';

function namesOf(group: Group, desk: Desk): readonly string[] {
  return group.kind === 'pods' ? groupNames(group, desk) : [group.name];
}

function formatSpans(spans: readonly PortSpan[]): string {
  return formatPorts(spans.map(portsOfSpan).reduce(unite, noPorts));
}

function portsOfSpan({ protocol, first, last }: PortSpan): PortSet {
  return portRange(protocol, first, last);
}
