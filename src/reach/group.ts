import type { Address } from '../network/address.ts';
import type { PodClass } from '../network/classes.ts';
import type { Endpoint } from '../network/evaluator.ts';
import { formatAddress } from '../network/range-text.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';
import type { NamedEnd } from './unevaluated.ts';

/** Pods of one class, or one address. All members have the same answer. */
export type Group = PodGroup | AddressGroup;

export interface PodGroup {
  readonly kind: 'pods';
  readonly name: string;
  readonly one: PodClass;
  /** At least one pod, and not always all pods of the class. */
  readonly pods: readonly Pod[];
}

export interface AddressGroup {
  readonly kind: 'address';
  readonly name: string;
  readonly address: Address;
}

/**
 * Sorts ends into groups. Pods of one class on different nodes stay in separate groups if an
 * address may be that of their node.
 */
export function groupEnds(
  ends: readonly Endpoint[],
  others: readonly Endpoint[] | undefined,
  desk: Desk,
): readonly Group[] {
  const byNode = others?.some((other) => 'address' in other) === true;
  const pods = ends.flatMap((end) => ('pod' in end ? [end.pod] : []));
  const grouped = Map.groupBy(pods, (pod) => {
    const index = desk.evaluator.classes.of(pod)?.index ?? -1;
    return byNode ? `${index} ${pod.nodeAddresses.map(formatAddress).join()}` : `${index}`;
  });
  const groups = [...grouped.values()].map((members) => podGroup(members, desk));
  const addresses = ends.flatMap((end): AddressGroup[] =>
    'address' in end ? [{ kind: 'address', name: formatAddress(end.address), address: end.address }] : [],
  );
  return [...groups, ...addresses];
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

function podGroup(pods: readonly Pod[], desk: Desk): PodGroup {
  const [first] = pods as readonly [Pod, ...Pod[]];
  const one = desk.evaluator.classes.of(first) as PodClass;
  const name = pods.length === 1 ? `${first.namespace}/${first.name}` : desk.nameOf(pods);
  return { kind: 'pods', name, one, pods };
}

function endOf(group: Group): Endpoint {
  return group.kind === 'pods' ? { pod: group.pods[0] as Pod } : { address: group.address };
}
