import { isInRange } from '../network/address.ts';
import type { Reach } from '../network/matrix.ts';
import { outsideOf } from '../network/outside.ts';
import { allPorts, noPorts, unite } from '../network/port-set.ts';
import type { Direction } from '../network/rules.ts';
import type { Desk } from './desk.ts';
import { type AddressGroup, type Group, isSelf, type PodGroup } from './group.ts';

/**
 * The ports that one group may call on another. Undefined between two addresses, about which
 * NetworkPolicies say nothing.
 */
export function reachBetween(from: Group, to: Group, desk: Desk): Reach | undefined {
  if (isSelf(from, to)) return { allowed: allPorts, undecided: noPorts };
  if (from.kind === 'pods')
    return to.kind === 'pods' ? desk.matrix().between(from.one, to.one) : addressReach(from, to, 'egress');
  return to.kind === 'pods' ? addressReach(to, from, 'ingress') : undefined;
}

/** The ports between pods and addresses. `direction` is that of the flows as the pods see them. */
export function addressReach({ one, pods }: PodGroup, { address }: AddressGroup, direction: Direction): Reach {
  if (one.pod.hostNetwork) return { allowed: noPorts, undecided: allPorts };
  const isNode = pods.some((pod) =>
    pod.nodeAddresses.some(({ family, value }) => family === address.family && value === address.value),
  );
  if (isNode) return { allowed: allPorts, undecided: noPorts };
  const openings = outsideOf(one, direction).filter(({ ranges }) => ranges.some((range) => isInRange(range, address)));
  return { allowed: openings.map(({ ports }) => ports).reduce(unite, noPorts), undecided: noPorts };
}
