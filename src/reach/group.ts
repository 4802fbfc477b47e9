import type { Address } from '../network/address.ts';
import type { PodClass } from '../network/classes.ts';
import type { Endpoint } from '../network/evaluator.ts';
import { formatAddress } from '../network/range-text.ts';
import type { Direction } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import { type AddressPiece, splitRange } from './address-pieces.ts';
import type { Desk } from './desk.ts';
import type { End, ResolvedEnd } from './end.ts';
import type { AskedPort } from './port-text.ts';
import { type Target, targetAt } from './target.ts';
import type { NamedEnd } from './unevaluated.ts';

/** Pods of one class, or addresses. All members have the same answer. */
export type Group = PodGroup | AddressGroup;

export interface PodGroup {
  readonly kind: 'pods';
  readonly name: string;
  readonly one: PodClass;
  /** At least one pod, and not always all pods of the class. */
  readonly pods: readonly Pod[];
  /** What the question's port is at these destinations. Undefined if it is every port. */
  readonly target?: Target;
}

export interface AddressGroup {
  readonly kind: 'address';
  readonly name: string;
  /** One address that stands for all. */
  readonly address: Address;
  readonly target?: Target;
}

/** The two ends of a question in groups. An end that is not named is undefined. */
export interface GroupedEnds {
  readonly from: readonly Group[] | undefined;
  readonly to: readonly Group[] | undefined;
}

/**
 * Sorts the ends of a question into groups. Pods of one class on different nodes stay in separate
 * groups if an address may be that of their node, and so do pods at which the question's port is
 * not the same.
 */
export function groupEnds(
  from: ResolvedEnd | undefined,
  to: ResolvedEnd | undefined,
  asked: AskedPort | undefined,
  desk: Desk,
): GroupedEnds {
  const targetOf = (end: Endpoint): Target | undefined =>
    asked === undefined && to?.service === undefined
      ? undefined
      : targetAt(end, asked ?? { protocol: undefined, port: undefined }, to?.service);
  return {
    from: from && groupSide(from.ends, to?.ends, 'ingress', () => undefined, desk),
    to: to && groupSide(to.ends, from?.ends, 'egress', targetOf, desk),
  };
}

/** `direction` is that of the flows as the pods at the other ends see them. */
function groupSide(
  ends: readonly End[],
  others: readonly End[] | undefined,
  direction: Direction,
  targetOf: (end: Endpoint) => Target | undefined,
  desk: Desk,
): readonly Group[] {
  const byNode = others?.some((other) => !('pod' in other)) === true;
  const opposite = others?.flatMap((other) => ('pod' in other ? [other.pod] : [])) ?? desk.inventory.world.pods;
  const pods: Pod[] = [];
  const pieces: AddressPiece[] = [];
  for (const end of ends) {
    if ('pod' in end) pods.push(end.pod);
    else if ('address' in end) pieces.push({ name: formatAddress(end.address), address: end.address });
    else {
      const parts = splitRange(end.range, opposite, direction, desk);
      for (const pod of parts.pods) pods.push(pod);
      for (const piece of parts.pieces) pieces.push(piece);
    }
  }
  const groups = Map.groupBy(new Set(pods), (pod) => {
    const index = desk.evaluator.classes.of(pod)?.index ?? -1;
    const target = targetOf({ pod });
    // Where a port means nothing, the sentence about it names the pod.
    const port = target === undefined ? '' : 'ports' in target ? target.ports.join() : target.unresolved;
    return `${index} ${port} ${byNode ? pod.nodeAddresses.map(formatAddress).join() : ''}`;
  });
  return [
    ...[...groups.values()].map((members) => podGroup(members, targetOf, desk)),
    ...pieces.map((piece): AddressGroup => ({ kind: 'address', ...piece, ...withTarget(targetOf(piece)) })),
  ];
}

/** Every class as a group. */
export function allGroups(desk: Desk): readonly PodGroup[] {
  return desk.evaluator.classes.all.map((one) => ({ kind: 'pods', name: desk.nameOfClass(one), one, pods: one.pods }));
}

/** Every name of a group's pods. */
export function groupNames({ name, pods }: PodGroup, desk: Desk): readonly string[] {
  return pods.length === 1 ? [name] : desk.namesOf(pods);
}

/**
 * Whether two groups are the same single pod. A pod always reaches itself, so nobody asks about it.
 */
export function isSelf(from: Group, to: Group): boolean {
  return (
    from.kind === 'pods' &&
    to.kind === 'pods' &&
    from.pods.length === 1 &&
    to.pods.length === 1 &&
    from.pods[0] === to.pods[0]
  );
}

/** A group by its name. */
export function namedEnd(group: Group): NamedEnd {
  return { name: group.name, pods: group.kind === 'pods' ? group.pods : [] };
}

/** Two different ends, one of each group. They are the same pod only if there is no other. */
export function representatives(from: Group, to: Group): { readonly from: Endpoint; readonly to: Endpoint } {
  const source = from.kind === 'pods' ? from.pods[0] : undefined;
  const first = source === undefined ? endOf(from) : { pod: source };
  if (to.kind === 'address') return { from: first, to: endOf(to) };
  const other = to.pods.find((pod) => pod !== source);
  if (other !== undefined) return { from: first, to: { pod: other } };
  const second = from.kind === 'pods' ? from.pods.find((pod) => pod !== to.pods[0]) : undefined;
  return { from: second === undefined ? first : { pod: second }, to: endOf(to) };
}

function podGroup(pods: readonly Pod[], targetOf: (end: Endpoint) => Target | undefined, desk: Desk): PodGroup {
  const [first] = pods as readonly [Pod, ...Pod[]];
  const one = desk.evaluator.classes.of(first) as PodClass;
  const name = pods.length === 1 ? `${first.namespace}/${first.name}` : desk.nameOf(pods);
  return { kind: 'pods', name, one, pods, ...withTarget(targetOf({ pod: first })) };
}

function withTarget(target: Target | undefined): { readonly target?: Target } {
  return target === undefined ? {} : { target };
}

function endOf(group: Group): Endpoint {
  return group.kind === 'pods' ? { pod: group.pods[0] as Pod } : { address: group.address };
}
