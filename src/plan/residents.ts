import type { Inventory } from '../network/inventory.ts';
import type { Candidate } from './candidates.ts';
import type { PodTarget } from './selection.ts';
import { byKey } from './text-order.ts';
import type { Workloads } from './workloads.ts';
import { isPodTarget } from './writer.ts';

/** Every kind of Pod in each namespace, as what a selector can mean. */
export function residentsOf(
  candidates: readonly Candidate[],
  workloads: Workloads,
  { world }: Inventory,
): ReadonlyMap<string, readonly PodTarget[]> {
  const residents = new Map<string, PodTarget>();
  const add = (target: PodTarget): void => {
    residents.set(
      JSON.stringify([target.namespace, target.name, target.workload?.kind, [...target.labels].sort(byKey)]),
      target,
    );
  };
  const bare = { workload: undefined, isPeer: false, kind: 'pods' } as const;
  for (const workload of workloads.all) {
    const { namespace, name, labels, matchLabels = new Map() } = workload;
    add({ kind: 'pods', namespace, name, base: matchLabels, labels, workload, isPeer: false });
  }
  for (const pod of world.pods) {
    const { namespace, name, labels } = pod;
    if (workloads.of(pod) === undefined) add({ ...bare, namespace, name, base: labels, labels });
  }
  for (const { pairs } of candidates)
    for (const { from, to } of pairs)
      for (const { target } of [from, to])
        if (isPodTarget(target) && target.workload === undefined && !target.isPeer) add(target);
  return Map.groupBy(residents.values(), ({ namespace }) => namespace);
}
