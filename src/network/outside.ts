import { type Address, isInRange, merge, type Range, subtract } from './address.ts';
import { everyAddress } from './blocks.ts';
import { addressRanges, type PodClass } from './classes.ts';
import { allPorts, noPorts, type PortSet, unite, without } from './port-set.ts';
import type { Reach } from './reach-table.ts';
import { rulePorts } from './rule-ports.ts';
import type { Direction, Rule } from './rules.ts';
import { matchAddress } from './tier-match.ts';
import { askTiers, reachThrough } from './tier-ports.ts';
import { policiesOf, type Tiers } from './tiers.ts';

/**
 * Addresses outside the cluster, and the ports that are open between them and the pods of a class.
 */
export interface Opening {
  readonly ranges: readonly Range[];
  readonly ports: PortSet;
  /** The ports whose verdict is `undefined`. */
  readonly undecided: PortSet;
}

const whole: Opening = { ranges: everyAddress, ports: allPorts, undecided: noPorts };

/**
 * What a class's policies open to addresses, without overlaps. For ingress the addresses may call
 * the class; for egress the class may call them.
 */
export function outsideOf(one: PodClass, direction: Direction): readonly Opening[] {
  const openings = openingsOf(one, direction);
  const bounds = openings.map(({ ranges }) => ranges);
  const tiers = tiersOf(one, direction);
  if (tiers === undefined && !one.pod.hostNetwork) return byPorts(bounds, (at) => reachAt(openings, at));
  return byPorts([everyAddress, ...bounds, boundsOf(tiers, direction)], (at) =>
    reachOf(one, direction, { family: at.family, value: at.first }, false),
  );
}

/**
 * What is open between a class and one address. Traffic between a pod and its own node is always
 * allowed by NetworkPolicies. Whether tiered policies may deny it is not defined.
 */
export function addressReach(one: PodClass, direction: Direction, address: Address, isOwnNode: boolean): Reach {
  const { allowed, undecided } = reachOf(one, direction, address, isOwnNode);
  return { allowed, undecided: isOwnNode ? without(allPorts, allowed) : undecided };
}

/** The openings of the first list that the second does not have, and its further doubts. */
export function openedBeyond(openings: readonly Opening[], others: readonly Opening[]): readonly Opening[] {
  return byPorts(
    [...openings, ...others].map(({ ranges }) => ranges),
    (at) => {
      const [one, other] = [reachAt(openings, at), reachAt(others, at)];
      return { allowed: without(one.allowed, other.allowed), undecided: without(one.undecided, other.undecided) };
    },
  );
}

function reachOf(one: PodClass, direction: Direction, address: Address, isOwnNode: boolean): Reach {
  const isIsolated = one.isolatedBy[direction].length > 0;
  const openings = isOwnNode && isIsolated ? [whole] : openingsOf(one, direction);
  const policies = reachAt(openings, { family: address.family, first: address.value });
  // What policies mean for a pod on the host's network is not defined. Whether they are there
  // matters only beside tiered policies, which never apply to it (tiered-answer.ts).
  if (one.pod.hostNetwork && one.tiers === undefined) return { allowed: noPorts, undecided: allPorts };
  if (one.pod.hostNetwork) return { allowed: policies.allowed, undecided: without(allPorts, policies.allowed) };
  const tiers = tiersOf(one, direction);
  if (tiers === undefined) return policies;
  const ports = askTiers(tiers, direction, {
    match: (rule) => matchAddress(rule, address),
    ports: (rule) => rulePorts(rule, direction === 'ingress' ? one.pod : undefined),
  });
  return reachThrough(ports, isIsolated ? policies : undefined);
}

/** What NetworkPolicies open, with overlaps. */
function openingsOf(one: PodClass, direction: Direction): readonly Opening[] {
  const policies = one.isolatedBy[direction];
  if (policies.length === 0) return [whole];
  return policies.flatMap((policy) =>
    policy[direction].map(
      (rule): Opening => ({
        ranges: rangesOf(rule),
        // An address outside the cluster resolves no port names.
        ports: rulePorts(rule, direction === 'ingress' ? one.pod : undefined),
        undecided: noPorts,
      }),
    ),
  );
}

/** The tiered policies of a class. Undefined if none applies in this direction. */
function tiersOf({ tiers }: PodClass, direction: Direction): Tiers | undefined {
  const own = tiers?.[direction];
  return own === undefined || policiesOf(own).length === 0 ? undefined : own;
}

/** Every range at whose ends a tiered rule changes. */
function boundsOf(tiers: Tiers | undefined, direction: Direction): readonly Range[] {
  return (tiers === undefined ? [] : policiesOf(tiers)).flatMap((policy) =>
    policy[direction].flatMap(({ networks, nodes }) => [
      ...addressRanges([networks]),
      ...(nodes?.addresses ?? []).map(({ family, value }): Range => ({ family, first: value, last: value })),
    ]),
  );
}

function rangesOf({ peers }: Rule): readonly Range[] {
  if (peers === undefined) return everyAddress;
  return peers.flatMap((peer) => (peer.kind === 'addresses' ? subtract([peer.range], peer.except) : []));
}

function reachAt(openings: readonly Opening[], { family, first }: Pick<Range, 'family' | 'first'>): Reach {
  const here = openings.filter(({ ranges }) => ranges.some((range) => isInRange(range, { family, value: first })));
  return {
    allowed: here.reduce((ports, opening) => unite(ports, opening.ports), noPorts),
    undecided: here.reduce((ports, opening) => unite(ports, opening.undecided), noPorts),
  };
}

/**
 * Splits the addresses at the start and end of each range, and joins those with the same ports.
 */
function byPorts(bounds: readonly (readonly Range[])[], reach: (at: Range) => Reach): readonly Opening[] {
  const joined = new Map<string, { ranges: Range[]; reach: Reach }>();
  for (const family of [4, 6] as const) {
    const cuts = new Set<bigint>();
    for (const ranges of bounds)
      for (const range of ranges) if (range.family === family) cuts.add(range.first).add(range.last + 1n);
    const sorted = [...cuts].sort((a, b) => (a < b ? -1 : 1));
    for (const [index, first] of sorted.slice(0, -1).entries()) {
      const range: Range = { family, first, last: (sorted[index + 1] as bigint) - 1n };
      const open = reach(range);
      if (open.allowed.length === 0 && open.undecided.length === 0) continue;
      const key = `${open.allowed.join()} ${open.undecided.join()}`;
      const group = joined.get(key) ?? { ranges: [], reach: open };
      group.ranges.push(range);
      joined.set(key, group);
    }
  }
  return [...joined.values()].map(({ ranges, reach: { allowed, undecided } }) => ({
    ranges: merge(ranges),
    ports: allowed,
    undecided,
  }));
}
