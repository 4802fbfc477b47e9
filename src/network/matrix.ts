import { forEachMember, has } from './bit-set.ts';
import { indexClasses } from './class-index.ts';
import type { Classes, PodClass } from './classes.ts';
import { findNodeSharing, type NodeSharing } from './node-sharing.ts';
import { type Part, partsOf } from './parts.ts';
import { createReachTable, type Reach } from './reach-table.ts';
import { namesPorts } from './rule-ports.ts';
import type { Direction, Policy } from './rules.ts';
import { createTieredParts } from './tiered-parts.ts';
import type { TieredPolicy } from './tiered-policy.ts';
import { policiesOf } from './tiers.ts';

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
  const tieredParts = createTieredParts(classes, index, table);

  function createProfiles(direction: Direction): (own: PodClass) => Profile {
    const known = new Map<string, Profile>();
    const numbers = new Map<Policy | TieredPolicy, number>();
    return (own) => {
      const policies = own.isolatedBy[direction];
      const tiered = own.tiers === undefined ? [] : policiesOf(own.tiers[direction]);
      if (policies.length === 0 && tiered.length === 0) return open;
      const key = [...policies, ...tiered].map((policy) => numberOf(numbers, policy));
      // On ingress the destination pod resolves the names of ports.
      const names =
        direction === 'ingress' && [...policies, ...tiered].some((policy) => policy.ingress.some(namesPorts));
      const text = `${key.join()} ${own.pod.hostNetwork} ${names ? JSON.stringify(own.pod.ports) : ''}`;
      const profile = known.get(text) ?? { number: 1 + known.size, parts: createParts(own, direction) };
      known.set(text, profile);
      return profile;
    };
  }

  function createParts(own: PodClass, direction: Direction): readonly Part[] {
    const policies = own.isolatedBy[direction];
    const isolated = policies.length === 0 ? undefined : partsOf(policies, direction, own.pod, classes, index, table);
    const parts = own.tiers === undefined ? isolated : tieredParts(own, own.tiers[direction], direction, isolated);
    return (parts ?? []).filter(({ id }) => id !== table.closed);
  }

  const profiles = { egress: createProfiles('egress'), ingress: createProfiles('ingress') };
  const ends = classes.map((one) => ({ egress: profiles.egress(one), ingress: profiles.ingress(one) }));
  const ingressProfiles: Profile[] = [];
  for (const { ingress } of ends) ingressProfiles[ingress.number] = ingress;
  const ingressNumbers = Uint32Array.from(ends, ({ ingress }) => ingress.number);
  const hosts = classes.filter(({ pod }) => pod.hostNetwork);
  // Without tiered policies, nothing is decided for a pod on the host's network.
  const isTiered = classes.some(({ tiers }) => tiers !== undefined);
  const mayShareNode: NodeSharing = isTiered ? findNodeSharing(classes) : () => false;

  /** What one end says of another. What is denied between a pod and its node is undecided. */
  function sideAt(profile: Profile, own: PodClass, other: PodClass): number {
    const id = partAt(profile, other.index);
    return other.pod.hostNetwork && mayShareNode(own, other) ? table.doubt(id) : id;
  }

  function idBetween(from: PodClass, to: PodClass): number {
    if (!isTiered && (from.pod.hostNetwork || to.pod.hostNetwork)) return table.doubtful;
    const egress = sideAt(ends[from.index]?.egress ?? open, from, to);
    return table.both(egress, sideAt(ends[to.index]?.ingress ?? open, to, from));
  }

  return {
    classes,
    reachOf: table.reachOf,
    between: (from, to) => table.reachOf(idBetween(from, to)),
    row(from, row = new Uint32Array(classes.length)) {
      if (from.pod.hostNetwork && !isTiered) return row.fill(table.doubtful);
      const egress = ends[from.index]?.egress ?? open;
      row.fill(egress.parts === undefined ? table.open : table.closed);
      for (const { id, members } of egress.parts ?? []) forEachMember(members, (member) => (row[member] = id));
      const ingress = ingressProfiles.map((profile) => partAt(profile, from.index));
      for (let to = 0; to < row.length; to += 1) {
        const id = row[to] as number;
        if (id !== table.closed) row[to] = table.both(id, ingress[ingressNumbers[to] as number] as number);
      }
      for (const to of from.pod.hostNetwork ? classes : hosts) row[to.index] = idBetween(from, to);
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

const open: Profile = { number: 0, parts: undefined };

function numberOf<T>(numbers: Map<T, number>, policy: T): number {
  const number = numbers.get(policy) ?? numbers.size;
  numbers.set(policy, number);
  return number;
}
