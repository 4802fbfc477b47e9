import type { Range } from '../network/address.ts';
import type { PodClass } from '../network/classes.ts';
import { type Opening, openedBeyond, outsideOf } from '../network/outside.ts';
import { allPorts, intersect, noPorts, type PortSet, unite, without } from '../network/port-set.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Direction } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';
import { type OutsideDesk, type OutsidePorts, outside, portsFromOutside } from './outside-question.ts';
import type { NamedEnd } from './relation.ts';
import { namesOf, pairSubjects, type SubjectGroup } from './subjects.ts';

/** What one world allows between two ends and the other does not. */
export interface Change {
  readonly kind: 'opened' | 'closed' | 'undefined';
  readonly from: ChangeEnd;
  readonly to: ChangeEnd;
  readonly ports: PortSet;
  /** The rule that forbids an opened flow; undefined if none does, or if nobody has asked. */
  readonly forbidden?: Forbidden | undefined;
}

/** The rule of admission that forbids a flow. */
export interface Forbidden {
  readonly check: string;
  /** One clause, which begins with the id of the check. */
  readonly reason: string;
}

/** One end of a change: a group of pods, or addresses outside the cluster. */
export interface ChangeEnd extends NamedEnd {
  readonly group?: SubjectGroup;
  /** The addresses, if the end is addresses that policies name. */
  readonly ranges?: readonly Range[];
}

/**
 * The flows that are allowed only after (`opened`), only before (`closed`), and those that have no
 * verdict only after (`undefined`). Pods are matched between the two worlds by name, or else by
 * workload. The flows of a pod that is in one world only are opened or closed as well. With a
 * namespace, only flows with an end in it. With what exposes in both worlds, also what the outside
 * reaches by it.
 */
export function* compareDesks(
  before: Desk,
  after: Desk,
  namespace?: string,
  exposed?: Readonly<Record<'before' | 'after', OutsideDesk>>,
): Generator<Change> {
  const groups = pairSubjects(before, after);
  const ends = groups.map((group) => endOf(group));
  const isAsked = (group: SubjectGroup): boolean => namespace === undefined || group.namespace === namespace;
  const everyone = groups.map((_, index) => index);
  const asked = everyone.filter((index) => isAsked(groups[index] as SubjectGroup));
  const compare = createComparison();
  const meetingOf = createMeetings();
  const [old, now] = [createSide(before, groups, 'before', meetingOf), createSide(after, groups, 'after', meetingOf)];
  for (const [index, from] of groups.entries()) {
    old.from(from.before);
    now.from(from.after);
    for (const at of isAsked(from) ? everyone : asked) {
      if (at === index && from.pods < 2) continue;
      const [was, is] = [old.to(at), now.to(at)];
      // Most pairs are as they were, and there may be many millions of them.
      if (was === is) continue;
      yield* changesOf(compare(was, is), ends[index] as ChangeEnd, ends[at] as ChangeEnd);
    }
  }
  for (const index of asked) {
    yield* outsideChanges(ends[index] as ChangeEnd, 'ingress');
    yield* outsideChanges(ends[index] as ChangeEnd, 'egress');
  }
  if (exposed !== undefined)
    yield* exposureChanges(
      asked.map((index) => ends[index] as ChangeEnd),
      exposed,
    );
}

function endOf(group: SubjectGroup): ChangeEnd {
  return { namespace: group.namespace, names: group.names, trait: group.pods > 1 ? 'several' : 'one', group };
}

interface Difference {
  readonly opened: PortSet;
  readonly closed: PortSet;
  readonly doubt: PortSet;
}

/** Many pairs of groups have the same meetings, so each two meetings are compared once. */
function createComparison(): (old: Meeting, now: Meeting) => Difference {
  const known = new WeakMap<Meeting, WeakMap<Meeting, Difference>>();
  return (old, now) => {
    const row = known.get(old) ?? new WeakMap<Meeting, Difference>();
    known.set(old, row);
    const difference = row.get(now) ?? differenceOf(old, now);
    row.set(now, difference);
    return difference;
  };
}

function differenceOf(old: Meeting, now: Meeting): Difference {
  return {
    // If only some of a workload's pods are reached, both the part and the whole are compared.
    opened: unite(without(now.some, old.some), without(now.all, old.all)),
    closed: unite(without(old.some, now.some), without(old.all, now.all)),
    doubt: without(now.undecided, old.undecided),
  };
}

function* changesOf({ opened, closed, doubt }: Difference, from: ChangeEnd, to: ChangeEnd): Generator<Change> {
  if (opened.length > 0) yield { kind: 'opened', from, to, ports: opened };
  if (closed.length > 0) yield { kind: 'closed', from, to, ports: closed };
  if (doubt.length > 0) yield { kind: 'undefined', from, to, ports: doubt };
}

interface Meeting {
  /** Allowed between some of the pods. */
  readonly some: PortSet;
  /** Allowed between all of the pods. */
  readonly all: PortSet;
  readonly undecided: PortSet;
}

/** Keeps one object of equal meetings, so that they are compared by identity. */
function createMeetings(): (meeting: Meeting) => Meeting {
  const known = new Map<string, Meeting>();
  return (meeting) => {
    const key = [meeting.some, meeting.all, meeting.undecided].map((ports) => ports.join()).join('|');
    const first = known.get(key) ?? meeting;
    known.set(key, first);
    return first;
  };
}

/** One world in a comparison: the meetings of one group at a time with all others. */
interface Side {
  from(classes: readonly PodClass[]): void;
  /** The meeting with the group of this number. Equal meetings of both worlds are one object. */
  to(at: number): Meeting;
}

function createSide(
  desk: Desk,
  groups: readonly SubjectGroup[],
  world: 'before' | 'after',
  meetingOf: (meeting: Meeting) => Meeting,
): Side {
  const matrix = desk.matrix();
  const meetings: Meeting[] = [];
  // Each group's only class, `none` or `several`.
  const only = Int32Array.from(groups, (group) => {
    const [one, other] = group[world];
    return one === undefined ? none : other === undefined ? one.index : several;
  });
  const row = new Uint32Array(matrix.classes.length);
  const nobody = meetingOf({ some: noPorts, all: noPorts, undecided: noPorts });
  let rows: readonly Uint32Array[] = [];
  return {
    from(classes) {
      rows = classes.length < 2 ? classes.map((one) => matrix.row(one, row)) : classes.map((one) => matrix.row(one));
    },
    to(at) {
      const index = only[at] as number;
      const [first] = rows;
      if (first === undefined || index === none) return nobody;
      if (rows.length === 1 && index !== several) {
        const id = first[index] as number;
        const known = meetings[id];
        if (known !== undefined) return known;
        const { allowed, undecided } = matrix.reachOf(id);
        const meeting = meetingOf({ some: allowed, all: allowed, undecided });
        meetings[id] = meeting;
        return meeting;
      }
      const reaches = rows.flatMap((each) =>
        (groups[at] as SubjectGroup)[world].map((one) => matrix.reachOf(each[one.index] ?? 0)),
      );
      return meetingOf({
        some: reaches.map(({ allowed }) => allowed).reduce(unite, noPorts),
        all: reaches.map(({ allowed }) => allowed).reduce(intersect, allPorts),
        undecided: reaches.map(({ undecided }) => undecided).reduce(unite, noPorts),
      });
    },
  };
}

const none = -1;
const several = -2;

function* outsideChanges(end: ChangeEnd, direction: Direction): Generator<Change> {
  const { before = [], after = [] } = end.group ?? {};
  const [old, now] = [openings(before, direction), openings(after, direction)];
  const [more, less] = [openedBeyond(now, old), openedBeyond(old, now)];
  const rows = [
    ...more.map(({ ranges, ports }) => ({ kind: 'opened' as const, ranges, ports })),
    ...less.map(({ ranges, ports }) => ({ kind: 'closed' as const, ranges, ports })),
    ...more.map(({ ranges, undecided }) => ({ kind: 'undefined' as const, ranges, ports: undecided })),
  ];
  for (const { kind, ranges, ports } of rows) {
    if (ports.length === 0) continue;
    const outside: ChangeEnd = { namespace: undefined, names: [formatRanges(ranges)], trait: '', ranges };
    yield direction === 'egress' ? { kind, from: end, to: outside, ports } : { kind, from: outside, to: end, ports };
  }
}

function openings(classes: readonly PodClass[], direction: Direction): readonly Opening[] {
  return classes.filter(({ pod }) => !pod.hostNetwork).flatMap((one) => outsideOf(one, direction));
}

/** What the outside reaches by Services, Ingresses and routes in one world only. */
function* exposureChanges(
  ends: readonly ChangeEnd[],
  exposed: Readonly<Record<'before' | 'after', OutsideDesk>>,
): Generator<Change> {
  const [before, after] = [portsFromOutside(exposed.before), portsFromOutside(exposed.after)];
  const from: ChangeEnd = { namespace: undefined, names: [outside], trait: '' };
  const meeting = (pods: readonly Pod[] = [], ports: ReadonlyMap<Pod, OutsidePorts>): Meeting => {
    const own = pods.map((pod) => ports.get(pod) ?? { allowed: noPorts, undecided: noPorts });
    return {
      some: own.map(({ allowed }) => allowed).reduce(unite, noPorts),
      all: own.length === 0 ? noPorts : own.map(({ allowed }) => allowed).reduce(intersect, allPorts),
      undecided: own.map(({ undecided }) => undecided).reduce(unite, noPorts),
    };
  };
  // Pods that behave alike under policies may differ in the labels that a Service selects.
  for (const end of ends) {
    const members = Map.groupBy(end.group?.members ?? [], (member) =>
      JSON.stringify([meeting(member.before, before), meeting(member.after, after)]),
    );
    for (const own of members.values()) {
      const [first] = own;
      const to = { ...end, names: namesOf(own, exposed.before.desk, exposed.after.desk) };
      yield* changesOf(differenceOf(meeting(first?.before, before), meeting(first?.after, after)), from, to);
    }
  }
}
