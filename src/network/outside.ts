import { isInRange, merge, type Range, subtract } from './address.ts';
import { everyAddress } from './blocks.ts';
import type { PodClass } from './classes.ts';
import { rulePorts } from './matrix.ts';
import { allPorts, noPorts, type PortSet, unite, without } from './port-set.ts';
import type { Direction, Rule } from './rules.ts';

/**
 * Addresses outside the cluster, and the ports that are open between them and the pods of a class.
 */
export interface Opening {
  readonly ranges: readonly Range[];
  readonly ports: PortSet;
}

/**
 * What a class's policies open to addresses, without overlaps. For ingress the addresses may call
 * the class; for egress the class may call them.
 */
export function outsideOf(one: PodClass, direction: Direction): readonly Opening[] {
  const policies = one.isolatedBy[direction];
  if (policies.length === 0) return [{ ranges: everyAddress, ports: allPorts }];
  const openings = policies.flatMap((policy) =>
    policy[direction].map(
      (rule): Opening => ({
        ranges: rangesOf(rule),
        // An address outside the cluster resolves no port names.
        ports: rulePorts(rule, direction === 'ingress' ? one.pod : undefined),
      }),
    ),
  );
  return byPorts(openings, (at) => portsAt(openings, at));
}

/** What the first openings allow and the second do not. */
export function openedBeyond(openings: readonly Opening[], others: readonly Opening[]): readonly Opening[] {
  return byPorts([...openings, ...others], (at) => without(portsAt(openings, at), portsAt(others, at)));
}

function rangesOf({ peers }: Rule): readonly Range[] {
  if (peers === undefined) return everyAddress;
  return peers.flatMap((peer) => (peer.kind === 'addresses' ? subtract([peer.range], peer.except) : []));
}

function portsAt(openings: readonly Opening[], { family, first }: Range): PortSet {
  return openings
    .filter(({ ranges }) => ranges.some((range) => isInRange(range, { family, value: first })))
    .reduce((ports, opening) => unite(ports, opening.ports), noPorts);
}

/**
 * Splits the addresses at the start and end of each opening, and joins those with the same ports.
 */
function byPorts(openings: readonly Opening[], ports: (at: Range) => PortSet): readonly Opening[] {
  const joined = new Map<string, { ranges: Range[]; ports: PortSet }>();
  for (const family of [4, 6] as const) {
    const cuts = new Set<bigint>();
    for (const { ranges } of openings)
      for (const range of ranges) if (range.family === family) cuts.add(range.first).add(range.last + 1n);
    const sorted = [...cuts].sort((a, b) => (a < b ? -1 : 1));
    for (const [index, first] of sorted.slice(0, -1).entries()) {
      const range: Range = { family, first, last: (sorted[index + 1] as bigint) - 1n };
      const open = ports(range);
      if (open.length === 0) continue;
      const group = joined.get(open.join()) ?? { ranges: [], ports: open };
      group.ranges.push(range);
      joined.set(open.join(), group);
    }
  }
  return [...joined.values()].map((group) => ({ ranges: merge(group.ranges), ports: group.ports }));
}
