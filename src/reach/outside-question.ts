import type { Exposures } from '../exposure/exposure.ts';
import { intersect, noPorts, type PortSet, portRange, portSpans, unite, without } from '../network/port-set.ts';
import type { Verdict } from '../network/side.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';
import { isResolved, type Unresolved } from './end.ts';
import { resolveEnd } from './endpoint.ts';
import { groupEnds, groupNames, namedEnd, type PodGroup } from './group.ts';
import type { Note } from './note.ts';
import { askOutside, type OutsideConfig, type OutsideFlow } from './outside.ts';
import { publicExample } from './outside-source.ts';
import { type AskedPort, formatAskedPort, portsOf } from './port-text.ts';
import type { PairAnswer, QuestionAnswer } from './question.ts';
import { findUnevaluated } from './unevaluated.ts';

/** The word that means everything outside the cluster, as the source of a question. */
export const outside = 'outside';

/** A world as the outside sees it: with what lets it in, and with the ingress controllers. */
export interface OutsideDesk {
  readonly desk: Desk;
  readonly exposures: Exposures;
  readonly config: OutsideConfig;
  /** What could not be listed, and was assumed. They concern questions from outside only. */
  readonly notes: readonly Note[];
}

/**
 * Answers whether the outside reaches Pods, as {@link askOutside} does, in the form of any other
 * question. Pods to which the same ways lead share an answer.
 */
export function askFromOutside(
  to: string,
  port: AskedPort,
  { desk, exposures, config }: OutsideDesk,
): QuestionAnswer | Unresolved {
  const end = resolveEnd(to, desk);
  if (!isResolved(end)) return end;
  const groups = groupEnds(undefined, end, port, desk).to ?? [];
  const pods = groups.flatMap((group) => (group.kind === 'pods' ? [group] : []));
  if (pods.length < groups.length || pods.length === 0)
    return { error: `${to} is no Pod: what is outside the cluster is not asked for` };
  const { flows } = askOutside(exposures, { to: pods.flatMap((group) => group.pods), port: undefined }, desk, config);
  const isOne = typeof port.port === 'number' && port.protocol !== undefined && end.service === undefined;
  const pairs = pods.flatMap((group) => answersOf(group, flows, port, isOne, desk));
  const verdicts = new Set(pairs.map(({ verdict }) => verdict));
  const [first] = verdicts;
  const verdict = verdicts.size === 1 && first !== undefined ? first : 'mixed';
  const remarks = end.remark === undefined ? [] : [end.remark];
  return { from: outside, to: end.text, port, verdict, remarks, pairs };
}

/** The ports of each Pod that the outside reaches, and those of which that is not known. */
export function portsFromOutside({ desk, exposures, config }: OutsideDesk): ReadonlyMap<Pod, OutsidePorts> {
  const { flows } = askOutside(exposures, { to: undefined, port: undefined }, desk, config);
  const ports = new Map<Pod, OutsidePorts>();
  for (const flow of flows)
    for (const pod of flow.pods) {
      const { allowed, undecided } = ports.get(pod) ?? { allowed: noPorts, undecided: noPorts };
      const own = portOf(flow);
      ports.set(pod, {
        allowed: flow.verdict === 'allowed' ? unite(allowed, own) : allowed,
        undecided: flow.verdict === 'undefined' ? unite(undecided, own) : undecided,
      });
    }
  return ports;
}

export interface OutsidePorts {
  readonly allowed: PortSet;
  readonly undecided: PortSet;
}

function answersOf(
  group: PodGroup,
  flows: readonly OutsideFlow[],
  port: AskedPort,
  isOne: boolean,
  desk: Desk,
): readonly PairAnswer[] {
  const target = group.target ?? { ports: portsOf(port) };
  const untold = { from: outside, fromNames: [outside], remedies: [], nearMisses: [], unevaluated: [] };
  if ('unresolved' in target) {
    const names = { to: group.name, toNames: groupNames(group, desk) };
    return [{ ...untold, ...names, verdict: 'undefined', reasons: [target.unresolved] }];
  }
  const waysOf = (pod: Pod) => flows.filter((flow) => flow.pods.includes(pod));
  const alike = Map.groupBy(group.pods, (pod) =>
    waysOf(pod)
      .map((flow) => flows.indexOf(flow))
      .join(),
  );
  return [...alike.values()].flatMap((pods) => {
    const ways = waysOf(pods[0] as Pod);
    const portsWith = (verdict: Verdict): PortSet =>
      intersect(
        target.ports,
        ways
          .filter((flow) => flow.verdict === verdict)
          .map(portOf)
          .reduce(unite, noPorts),
      );
    const allowed = portsWith('allowed');
    const undecided = without(portsWith('undefined'), allowed);
    const parts: readonly (readonly [Verdict, PortSet])[] = [
      ['allowed', allowed],
      ['undefined', undecided],
      ['denied', without(target.ports, unite(allowed, undecided))],
    ];
    const names = { to: desk.nameOf(pods), toNames: desk.namesOf(pods) };
    return parts.flatMap(([verdict, ports]): readonly PairAnswer[] => {
      if (ports.length === 0) return [];
      const own = ways.filter((flow) => flow.verdict === verdict && intersect(portOf(flow), ports).length > 0);
      const [way] = own;
      const flow = { from: publicExample, to: { pod: pods[0] as Pod }, ...(way?.port ?? { protocol: 'TCP', port: 1 }) };
      const ends = { from: { name: outside, pods: [] }, to: { ...namedEnd(group), pods } };
      return [
        {
          ...untold,
          ...names,
          ...(isOne ? {} : { ports: portSpans(ports) }),
          verdict,
          reasons: own.length === 0 ? [nothing] : own.flatMap(reasonsOf),
          remedies: own.flatMap(({ sources }) => sources.flatMap(({ remedies }) => remedies)),
          unevaluated: way === undefined ? [] : findUnevaluated(ends, desk.evaluator.answer(flow), desk.others),
        },
      ];
    });
  });
}

const nothing = 'nothing here leads the outside to it';

function reasonsOf({ exposure, via, port, verdict, sources }: OutsideFlow): readonly string[] {
  return [
    `${exposure} (${via}) leads the outside to it on ${formatAskedPort(port)}`,
    ...sources
      .filter((source) => source.verdict === verdict)
      .flatMap(({ from, reasons }) => [`from ${from}: ${verdict}`, ...reasons]),
  ];
}

function portOf({ port: { protocol, port } }: OutsideFlow): PortSet {
  return portRange(protocol, port, port);
}
