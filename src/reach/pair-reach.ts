import { addressReach as addressReachOfClass } from '../network/outside.ts';
import { allPorts, noPorts } from '../network/port-set.ts';
import type { Reach } from '../network/reach-table.ts';
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
  const isNode = pods.some((pod) =>
    pod.nodeAddresses.some(({ family, value }) => family === address.family && value === address.value),
  );
  return addressReachOfClass(one, direction, address, isNode);
}
