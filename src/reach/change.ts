import type { PodClass } from '../network/classes.ts';
import { type Opening, openedBeyond, outsideOf } from '../network/outside.ts';
import { allPorts, intersect, noPorts, type PortSet, unite, without } from '../network/port-set.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Direction } from '../network/rules.ts';
import type { Desk } from './desk.ts';
import { pairSubjects, type SubjectGroup } from './subjects.ts';

/** What one world allows between two ends and the other does not. */
export interface Change {
  readonly kind: 'opened' | 'closed' | 'undefined';
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  /** The groups behind the names, for reasons; undefined for addresses outside. */
  readonly ends?: { readonly from: SubjectGroup; readonly to: SubjectGroup };
}

/**
 * The flows that are allowed after and not before (`opened`), the reverse (`closed`), and those that only after have no verdict (`undefined`).
 * Pods are the same in both worlds by name, else by workload; flows of what is in one world only are opened or closed as well.
 */
export function* compareDesks(before: Desk, after: Desk): Generator<Change> {
  const groups = pairSubjects(before, after);
  for (const from of groups) {
    const rows = { before: rowsOf(before, from.before), after: rowsOf(after, from.after) };
    for (const to of groups) {
      if (from === to && from.pods < 2) continue;
      const [old, now] = [meet(before, rows.before, to.before), meet(after, rows.after, to.after)];
      const ends = { from, to };
      const names = { from: from.name, to: to.name, ends };
      // Where only some of a workload's pods reach, both the some and the all are compared.
      const opened = unite(without(now.some, old.some), without(now.all, old.all));
      const closed = unite(without(old.some, now.some), without(old.all, now.all));
      const doubt = without(now.undecided, old.undecided);
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

function meet(desk: Desk, rows: readonly Uint32Array[], to: readonly PodClass[]): Meeting {
  if (rows.length === 0 || to.length === 0) return { some: noPorts, all: noPorts, undecided: noPorts };
  let [some, all, undecided] = [noPorts, allPorts, noPorts];
  for (const row of rows) {
    for (const { index } of to) {
      const reach = desk.matrix().reachOf(row[index] ?? 0);
      some = unite(some, reach.allowed);
      all = intersect(all, reach.allowed);
      undecided = unite(undecided, reach.undecided);
    }
  }
  return { some, all, undecided };
}

function* outsideChanges(group: SubjectGroup, direction: Direction): Generator<Change> {
  const [old, now] = [openings(group.before, direction), openings(group.after, direction)];
  for (const [kind, changes] of [
    ['opened', openedBeyond(now, old)],
    ['closed', openedBeyond(old, now)],
  ] as const) {
    for (const { ranges, ports } of changes) {
      const outside = formatRanges(ranges);
      yield direction === 'egress'
        ? { kind, from: group.name, to: outside, ports }
        : { kind, from: outside, to: group.name, ports };
    }
  }
}

function openings(classes: readonly PodClass[], direction: Direction): readonly Opening[] {
  return classes.filter(({ pod }) => !pod.hostNetwork).flatMap((one) => outsideOf(one, direction));
}
