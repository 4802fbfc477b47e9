import { type BitSet, difference, forEachMember, fullSet, has, intersection, isEmpty } from './bit-set.ts';
import { type ClassIndex, indexClasses } from './class-index.ts';
import type { Classes, PodClass } from './classes.ts';
import { allPorts, intersect, noPorts, type PortSet, portRange, unite, without } from './port-set.ts';
import type { Direction, Policy, Rule } from './rules.ts';
import type { Pod } from './world.ts';

/** The ports that one pod may call on another. Ports in neither set are denied. */
export interface Reach {
  readonly allowed: PortSet;
  /**
   * The ports whose verdict is `undefined`, because of the host's network or an unknown address.
   */
  readonly undecided: PortSet;
}

/**
 * Which pods reach which, and on which ports, between different pods of two classes. (A pod always
 * reaches itself.)
 */
export interface Matrix {
  readonly classes: readonly PodClass[];
  between(from: PodClass, to: PodClass): Reach;
  /**
   * One class to all others: a number for each class's index, which `reachOf` reads. Each row is
   * computed on request, so that the whole matrix need not be kept. `into` is overwritten.
   */
  row(from: PodClass, into?: Uint32Array): Uint32Array;
  reachOf(id: number): Reach;
}

/**
 * Creates the matrix of a world's classes. It evaluates each end's rules for all classes at once in
 * sets of bits, and stores each distinct port set once. For each pair, protocol and port it gives
 * the same answer as the evaluator.
 */
export function createMatrix({ all: classes }: Classes): Matrix {
  const index = indexClasses(classes);
  const table = createReachTable();
  const profiles = { egress: createProfiles('egress'), ingress: createProfiles('ingress') };

  function createProfiles(direction: Direction): (own: PodClass) => Profile {
    const known = new Map<string, Profile>();
    const numbers = new Map<Policy, number>();
    return (own) => {
      const policies = own.isolatedBy[direction];
      if (policies.length === 0) return open;
      const key = policies.map((policy) => numberOf(numbers, policy));
      // On ingress the destination pod resolves the names of ports.
      const names = direction === 'ingress' && policies.some((policy) => policy.ingress.some(namesPorts));
      const text = names ? `${key.join()} ${JSON.stringify(own.pod.ports)}` : key.join();
      const profile = known.get(text) ?? {
        number: 1 + known.size,
        parts: partsOf(policies, direction, own.pod, classes, index, table),
      };
      known.set(text, profile);
      return profile;
    };
  }

  const ends = classes.map((one) => ({ egress: profiles.egress(one), ingress: profiles.ingress(one) }));
  const ingressProfiles: Profile[] = [];
  for (const { ingress } of ends) ingressProfiles[ingress.number] = ingress;
  const ingressNumbers = Uint32Array.from(ends, ({ ingress }) => ingress.number);
  const hosts = classes.filter(({ pod }) => pod.hostNetwork);

  return {
    classes,
    reachOf: table.reachOf,
    between(from, to) {
      if (from.pod.hostNetwork || to.pod.hostNetwork) return table.reachOf(table.doubtful);
      const egress = partAt(ends[from.index]?.egress ?? open, to.index);
      const ingress = partAt(ends[to.index]?.ingress ?? open, from.index);
      return table.reachOf(table.both(egress, ingress));
    },
    row(from, row = new Uint32Array(classes.length)) {
      if (from.pod.hostNetwork) return row.fill(table.doubtful);
      const egress = ends[from.index]?.egress ?? open;
      row.fill(egress.parts === undefined ? table.open : table.closed);
      for (const { id, members } of egress.parts ?? []) forEachMember(members, (member) => (row[member] = id));
      const ingress = ingressProfiles.map((profile) => partAt(profile, from.index));
      for (let to = 0; to < row.length; to += 1) {
        const id = row[to] as number;
        if (id !== table.closed) row[to] = table.both(id, ingress[ingressNumbers[to] as number] as number);
      }
      for (const host of hosts) row[host.index] = table.doubtful;
      return row;
    },
  };

  function partAt({ parts }: Profile, member: number): number {
    if (parts === undefined) return table.open;
    for (const part of parts) if (has(part.members, member)) return part.id;
    return table.closed;
  }
}

/**
 * What one end's policies allow: the peers, grouped by the ports that they may reach. Undefined
 * parts mean that everything is allowed. A peer that is in no part may reach nothing.
 */
interface Profile {
  readonly number: number;
  readonly parts: readonly Part[] | undefined;
}

interface Part {
  readonly id: number;
  readonly members: BitSet;
}

const open: Profile = { number: 0, parts: undefined };

function partsOf(
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
  return parts.filter(({ id }) => id !== table.closed);
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
    const group = groups.get(key) ?? { ports, members: fullSet(classes.length).fill(0) };
    group.members[index >>> 5] = (group.members[index >>> 5] as number) | (1 << (index & 31));
    groups.set(key, group);
  }
  return [...groups.values()];
}

function namesPorts(rule: Rule): boolean {
  return (rule.ports ?? []).some(({ port }) => typeof port === 'object' && 'name' in port);
}

/**
 * The ports that a rule holds at a destination. An undefined destination is outside the cluster,
 * where port names are not resolved.
 */
export function rulePorts(rule: Rule, destination: Pod | undefined): PortSet {
  if (rule.ports === undefined) return allPorts;
  let set = noPorts;
  for (const { protocol, port } of rule.ports) {
    if (port === 'all') set = unite(set, portRange(protocol));
    else if ('first' in port) set = unite(set, portRange(protocol, port.first, port.last));
    else {
      for (const one of destination?.ports ?? [])
        if (one.name === port.name && one.protocol === protocol)
          set = unite(set, portRange(protocol, one.port, one.port));
    }
  }
  return set;
}

interface ReachTable {
  readonly closed: number;
  readonly open: number;
  /** The id for "every port is undecided". */
  readonly doubtful: number;
  reachOf(id: number): Reach;
  widen(id: number, allowed: PortSet, undecided: PortSet): number;
  /** What both ends allow. If one end denies, that decides, even if the other end is unknown. */
  both(egress: number, ingress: number): number;
}

/** Stores each reach once, because a cluster has many pairs and few different answers. */
function createReachTable(): ReachTable {
  const rows: Reach[] = [];
  const ids = new Map<string, number>();
  const met = new Map<number, number>();
  const idOf = (allowed: PortSet, undecided: PortSet): number => {
    const key = `${allowed.join()}|${undecided.join()}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, rows.length);
    return rows.push({ allowed, undecided }) - 1;
  };
  const reachOf = (id: number): Reach => rows[id] ?? { allowed: noPorts, undecided: noPorts };
  return {
    closed: idOf(noPorts, noPorts),
    open: idOf(allPorts, noPorts),
    doubtful: idOf(noPorts, allPorts),
    reachOf,
    widen(id, allowed, undecided) {
      const reach = reachOf(id);
      const wider = unite(reach.allowed, allowed);
      return idOf(wider, without(unite(reach.undecided, undecided), wider));
    },
    both(egress, ingress) {
      // Ids stay below 2^26, because memory cannot hold that many different answers of one end.
      const key = egress * 67_108_864 + ingress;
      const known = met.get(key);
      if (known !== undefined) return known;
      const [a, b] = [reachOf(egress), reachOf(ingress)];
      const allowed = intersect(a.allowed, b.allowed);
      const possible = intersect(unite(a.allowed, a.undecided), unite(b.allowed, b.undecided));
      const id = idOf(allowed, without(possible, allowed));
      met.set(key, id);
      return id;
    },
  };
}

function numberOf(numbers: Map<Policy, number>, policy: Policy): number {
  const number = numbers.get(policy) ?? numbers.size;
  numbers.set(policy, number);
  return number;
}
