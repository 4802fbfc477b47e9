import { addTo, type BitSet, difference, emptySet, fullSet, intersection, isEmpty } from './bit-set.ts';
import type { ClassIndex } from './class-index.ts';
import type { PodClass } from './classes.ts';
import { noPorts, type PortSet } from './port-set.ts';
import type { ReachTable } from './reach-table.ts';
import { namesPorts, rulePorts } from './rule-ports.ts';
import type { Direction, Policy, Rule } from './rules.ts';
import type { Pod } from './world.ts';

/** Peers that may reach the same ports: the id of their reach, and the classes. */
export interface Part {
  readonly id: number;
  readonly members: BitSet;
}

/** What the NetworkPolicies of one end allow, for every class. */
export function partsOf(
  policies: readonly Policy[],
  direction: Direction,
  own: Pod,
  classes: readonly PodClass[],
  index: ClassIndex,
  table: ReachTable,
): readonly Part[] {
  let parts: readonly Part[] = [{ id: table.closed, members: fullSet(classes.length) }];
  for (const policy of policies) {
    for (const rule of policy[direction]) {
      const { sure, unsure } = index.matches(rule, policy);
      for (const { ports, members } of portsByDestination(rule, direction, own, classes)) {
        const within = (set: BitSet): BitSet => (members === undefined ? set : intersection(set, members));
        parts = cut(parts, within(sure), (id) => table.widen(id, ports, noPorts));
        parts = cut(parts, within(unsure), (id) => table.widen(id, noPorts, ports));
      }
    }
  }
  return parts;
}

/** Gives the members of a set another id, and then joins the parts that are alike. */
function cut(parts: readonly Part[], set: BitSet, change: (id: number) => number): readonly Part[] {
  if (isEmpty(set)) return parts;
  const joined = new Map<number, BitSet>();
  const keep = (id: number, members: BitSet): void => {
    if (isEmpty(members)) return;
    const known = joined.get(id);
    joined.set(id, known === undefined ? members : known.map((word, at) => word | (members[at] as number)));
  };
  for (const { id, members } of parts) {
    keep(change(id), intersection(members, set));
    keep(id, difference(members, set));
  }
  return [...joined].map(([id, members]) => ({ id, members }));
}

/**
 * A rule's ports, with the destinations for which they hold. Each destination resolves port names
 * itself, so on egress the peers resolve them.
 */
function portsByDestination(
  rule: Rule,
  direction: Direction,
  own: Pod,
  classes: readonly PodClass[],
): readonly { readonly ports: PortSet; readonly members: BitSet | undefined }[] {
  if (direction === 'ingress' || !namesPorts(rule)) return [{ ports: rulePorts(rule, own), members: undefined }];
  const groups = new Map<string, { ports: PortSet; members: BitSet }>();
  for (const { index, pod } of classes) {
    const ports = rulePorts(rule, pod);
    const key = ports.join();
    const group = groups.get(key) ?? { ports, members: emptySet(classes.length) };
    addTo(group.members, index);
    groups.set(key, group);
  }
  return [...groups.values()];
}
