import type { PodClass } from '../network/classes.ts';
import { type Opening, openedBeyond, outsideOf } from '../network/outside.ts';
import { allPorts, intersect, noPorts, type PortSet, unite, without } from '../network/port-set.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Reach } from '../network/reach-table.ts';
import type { Direction } from '../network/rules.ts';
import type { Desk } from './desk.ts';
import { pairSubjects, type SubjectGroup } from './subjects.ts';

/** What one world allows between two ends and the other does not. */
export interface Change {
  readonly kind: 'opened' | 'closed' | 'undefined';
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  /** The groups behind the names, for the reasons. Undefined for addresses outside the cluster. */
  readonly ends?: { readonly from: SubjectGroup; readonly to: SubjectGroup };
}

/**
 * The flows that are allowed only after (`opened`), only before (`closed`), and those that have no
 * verdict only after (`undefined`). Pods are matched between the two worlds by name, or else by
 * workload. The flows of a pod that is in one world only are opened or closed as well.
 */
export function* compareDesks(before: Desk, after: Desk): Generator<Change> {
  const groups = pairSubjects(before, after);
  const compare = createComparison();
  for (const from of groups) {
    const rows = { before: rowsOf(before, from.before), after: rowsOf(after, from.after) };
    for (const to of groups) {
      if (from === to && from.pods < 2) continue;
      const difference = compare(meet(before, rows.before, to.before), meet(after, rows.after, to.after));
      const names = { from: from.name, to: to.name, ends: { from, to } };
      const { opened, closed, doubt } = difference;
      if (opened.length > 0) yield { kind: 'opened', ...names, ports: opened };
      if (closed.length > 0) yield { kind: 'closed', ...names, ports: closed };
      if (doubt.length > 0) yield { kind: 'undefined', ...names, ports: doubt };
    }
  }
  for (const group of groups) {
    yield* outsideChanges(group, 'ingress');
    yield* outsideChanges(group, 'egress');
  }
}

interface Difference {
  readonly opened: PortSet;
  readonly closed: PortSet;
  readonly doubt: PortSet;
}

/** Many pairs of groups have the same meetings, so each two meetings are compared once. */
function createComparison(): (old: Meeting, now: Meeting) => Difference {
  const known = new Map<Meeting, Map<Meeting, Difference>>();
  return (old, now) => {
    const row = known.get(old) ?? new Map<Meeting, Difference>();
    known.set(old, row);
    const difference = row.get(now) ?? {
      // If only some of a workload's pods are reached, both the part and the whole are compared.
      opened: unite(without(now.some, old.some), without(now.all, old.all)),
      closed: unite(without(old.some, now.some), without(old.all, now.all)),
      doubt: without(now.undecided, old.undecided),
    };
    row.set(now, difference);
    return difference;
  };
}

interface Meeting {
  /** Allowed between some of the pods. */
  readonly some: PortSet;
  /** Allowed between all of the pods. */
  readonly all: PortSet;
  readonly undecided: PortSet;
}

function rowsOf(desk: Desk, classes: readonly PodClass[]): readonly Uint32Array[] {
  return classes.map((one) => desk.matrix().row(one));
}

const nobody: Meeting = { some: noPorts, all: noPorts, undecided: noPorts };
const meetings = new WeakMap<Reach, Meeting>();

function meet(desk: Desk, rows: readonly Uint32Array[], to: readonly PodClass[]): Meeting {
  const [row, one] = [rows[0], to[0]];
  if (row === undefined || one === undefined) return nobody;
  if (rows.length === 1 && to.length === 1) {
    const reach = desk.matrix().reachOf(row[one.index] ?? 0);
    const known = meetings.get(reach) ?? { some: reach.allowed, all: reach.allowed, undecided: reach.undecided };
    meetings.set(reach, known);
    return known;
  }
  const reaches = rows.flatMap((each) => to.map(({ index }) => desk.matrix().reachOf(each[index] ?? 0)));
  return {
    some: reaches.map(({ allowed }) => allowed).reduce(unite, noPorts),
    all: reaches.map(({ allowed }) => allowed).reduce(intersect, allPorts),
    undecided: reaches.map(({ undecided }) => undecided).reduce(unite, noPorts),
  };
}

function* outsideChanges(group: SubjectGroup, direction: Direction): Generator<Change> {
  const [old, now] = [openings(group.before, direction), openings(group.after, direction)];
  const [more, less] = [openedBeyond(now, old), openedBeyond(old, now)];
  const rows = [
    ...more.map(({ ranges, ports }) => ({ kind: 'opened' as const, ranges, ports })),
    ...less.map(({ ranges, ports }) => ({ kind: 'closed' as const, ranges, ports })),
    ...more.map(({ ranges, undecided }) => ({ kind: 'undefined' as const, ranges, ports: undecided })),
  ];
  for (const { kind, ranges, ports } of rows) {
    if (ports.length === 0) continue;
    const outside = formatRanges(ranges);
    yield direction === 'egress'
      ? { kind, from: group.name, to: outside, ports }
      : { kind, from: outside, to: group.name, ports };
  }
}

function openings(classes: readonly PodClass[], direction: Direction): readonly Opening[] {
  return classes.filter(({ pod }) => !pod.hostNetwork).flatMap((one) => outsideOf(one, direction));
}
