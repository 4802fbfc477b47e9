import type { Labels } from '../kubernetes/labels.ts';
import type { Direction } from './rules.ts';
import { selects } from './selector.ts';
import type { Tier, TieredKind, TieredPolicy } from './tiered-policy.ts';
import type { Pod } from './world.ts';

/**
 * The policies of one kind in one tier, by priority: first those that are checked first. Policies
 * of equal priority stand together, because no order between them is defined.
 */
export type Chain = readonly (readonly TieredPolicy[])[];

/**
 * The policies that apply to an end in one direction. No order is defined between the kinds of a
 * tier, so each has a chain.
 */
export type Tiers = Readonly<Record<Tier, readonly Chain[]>>;

/** The policies of both tiers that apply to a pod, by direction. */
export type AppliedTiers = Readonly<Record<Direction, Tiers>>;

/**
 * Finds the policies that apply to a pod. Policies without rules in a direction say nothing about
 * it. Pods on the host's network are no subjects (types.go ClusterNetworkPolicySubject).
 */
export function tiersOf(policies: readonly TieredPolicy[], pod: Pod, namespaceLabels: Labels): AppliedTiers {
  const applied = policies.filter(
    ({ subject }) =>
      !pod.hostNetwork &&
      selects(subject.namespaceSelector, namespaceLabels) &&
      selects(subject.podSelector, pod.labels),
  );
  const inDirection = (direction: Direction): Tiers => {
    const active = applied.filter((policy) => policy[direction].length > 0);
    return { Admin: chainsOf(active, 'Admin'), Baseline: chainsOf(active, 'Baseline') };
  };
  return { ingress: inDirection('ingress'), egress: inDirection('egress') };
}

/** Every policy of a tier or of both, in the order of the chains. */
export function policiesOf({ Admin, Baseline }: Tiers): readonly TieredPolicy[] {
  return [...Admin.flat(2), ...Baseline.flat(2)];
}

function chainsOf(policies: readonly TieredPolicy[], tier: Tier): readonly Chain[] {
  const byKind = Map.groupBy(
    policies.filter((policy) => policy.tier === tier),
    ({ kind }): TieredKind => kind,
  );
  return [...byKind.values()].map((same) => {
    const byPriority = Map.groupBy(same, ({ priority }) => priority ?? 0);
    return [...byPriority].sort(([a], [b]) => a - b).map(([, level]) => level);
  });
}
