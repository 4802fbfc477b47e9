import { outsideOf } from '../network/outside.ts';
import { allPorts, intersect, noPorts, type PortSet } from '../network/port-set.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Reach } from '../network/reach-table.ts';
import type { Direction } from '../network/rules.ts';
import type { Desk } from './desk.ts';
import type { ResolvedEnd } from './end.ts';
import { allGroups, type Group, groupEnds, isSelf, type PodGroup } from './group.ts';
import { addressReach } from './pair-reach.ts';
import { type AskedPort, portsOf } from './port-text.ts';

/** The flows from one group to another. A pair with every port denied is left out. */
export interface Flow {
  readonly from: Group | Outside;
  readonly to: Group | Outside;
  readonly reach: Reach;
}

/** Addresses outside the cluster. */
export interface Outside {
  readonly kind: 'outside';
  readonly name: string;
}

/** The ends of a survey. A missing end means every pod and address. */
export interface SurveyQuestion {
  readonly from?: readonly Group[] | undefined;
  readonly to?: readonly Group[] | undefined;
  /** Only these ports, unless a destination says which. */
  readonly ports?: PortSet | undefined;
}

/**
 * The survey for a question as it was asked. A port name has a meaning only at pods, so without a
 * destination it asks about all of them.
 */
export function surveyQuestion(
  from: ResolvedEnd | undefined,
  to: ResolvedEnd | undefined,
  port: AskedPort | undefined,
  desk: Desk,
): SurveyQuestion {
  const everyPod = { text: 'every pod', ends: desk.inventory.world.pods.map((pod) => ({ pod })) };
  const groups = groupEnds(from, typeof port?.port === 'string' ? (to ?? everyPod) : to, port, desk);
  return { ...groups, ports: port && portsOf(port) };
}

/**
 * All flows between the groups, source by source. If one end is missing, flows with addresses
 * outside the cluster are included.
 */
export function* survey(question: SurveyQuestion, desk: Desk): Generator<Flow> {
  const everyone = allGroups(desk);
  const { ports: only = allPorts } = question;
  const destinations = question.to ?? everyone;
  if (question.from === undefined) {
    for (const to of destinations) {
      if (to.kind === 'pods') yield* outsideFlows(to, 'ingress', portsAt(to, only));
    }
  }
  const row = new Uint32Array(desk.evaluator.classes.all.length);
  for (const from of question.from ?? everyone) {
    for (const [to, reach] of reachFrom(from, destinations, desk, row)) {
      const narrowed = narrow(reach, portsAt(to, only));
      if (narrowed === undefined || isSelf(from, to)) continue;
      yield { from, to, reach: narrowed };
    }
    if (question.to === undefined && from.kind === 'pods') yield* outsideFlows(from, 'egress', only);
  }
}

/** `row` is scratch space that all sources share, since there may be thousands of them. */
function* reachFrom(
  from: Group,
  destinations: readonly Group[],
  desk: Desk,
  row: Uint32Array,
): Generator<[Group, Reach]> {
  const matrix = desk.matrix();
  if (from.kind === 'pods') matrix.row(from.one, row);
  for (const to of destinations) {
    if (to.kind === 'pods' && from.kind === 'pods') yield [to, matrix.reachOf(row[to.one.index] ?? 0)];
    else if (to.kind === 'pods' && from.kind === 'address') yield [to, addressReach(to, from, 'ingress')];
    else if (to.kind === 'address' && from.kind === 'pods') yield [to, addressReach(from, to, 'egress')];
  }
}

function* outsideFlows(group: PodGroup, direction: Direction, only: PortSet): Generator<Flow> {
  for (const { name, reach } of outsideReach(group, direction)) {
    const narrowed = narrow(reach, only);
    if (narrowed === undefined) continue;
    const outside: Outside = { kind: 'outside', name };
    yield direction === 'egress'
      ? { from: group, to: outside, reach: narrowed }
      : { from: outside, to: group, reach: narrowed };
  }
}

function outsideReach(
  { one }: PodGroup,
  direction: Direction,
): readonly { readonly name: string; readonly reach: Reach }[] {
  return outsideOf(one, direction).map(({ ranges, ports, undecided }) => ({
    name: formatRanges(ranges),
    reach: { allowed: ports, undecided },
  }));
}

/** A reach restricted to some ports. Undefined if nothing remains, which is the usual case. */
function narrow(reach: Reach, only: PortSet): Reach | undefined {
  if (reach.allowed.length === 0 && reach.undecided.length === 0) return undefined;
  if (only === allPorts) return reach;
  const [allowed, undecided] = [intersect(reach.allowed, only), intersect(reach.undecided, only)];
  return allowed.length === 0 && undecided.length === 0 ? undefined : { allowed, undecided };
}

/** The ports of a question at a destination. None if its port name means nothing there. */
function portsAt({ target }: Group, only: PortSet): PortSet {
  if (target === undefined) return only;
  return 'ports' in target ? target.ports : noPorts;
}
