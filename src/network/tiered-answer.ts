import type { Address } from './address.ts';
import type { Classes, PodClass } from './classes.ts';
import type { Matcher } from './match.ts';
import { findNodeSharing } from './node-sharing.ts';
import { judgeSide, type Side, type View } from './side.ts';
import { createTieredJudge, type TieredSide } from './tiered-side.ts';

/** A flow from the point of view of one end, in a world with tiered policies. */
export interface TieredView extends View {
  /** Whether the other end is the address of the node that this end runs on. */
  readonly isOwnNode: boolean;
}

/**
 * Judges one end of a flow in a world with tiered policies, for pods on the host's network and for
 * ICMP too: about these the types of policy.networking.k8s.io say what holds. What NetworkPolicies
 * mean for them stays undefined where the ways to read them part.
 */
export function createSideJudge(classes: Classes, match: Matcher): (view: TieredView) => TieredSide {
  const judge = createTieredJudge(match);
  const mayShareNode = findNodeSharing(classes.all);
  const byAddress: Matcher = (rule, policy, other) =>
    match({ ...rule, peers: rule.peers?.filter(({ kind }) => kind === 'addresses') }, policy, other);

  /** What NetworkPolicies say of an end that they isolate. */
  function judgeBelow(view: TieredView): Side {
    const { own, direction, other, protocol, isOwnNode } = view;
    const isolatedBy = own.isolatedBy[direction];
    if (protocol === 'ICMP') return { verdict: 'undefined', isolatedBy, allowedBy: [], doubt: icmpDoubt };
    if (isOwnNode) return { verdict: 'allowed', isolatedBy, allowedBy: [] };
    const asPods = judgeSide(match, view);
    const host = [own, other].find(isHost);
    if (host === undefined) return asPods;
    // Plugins either treat such a pod as any other or ignore it (the documentation of
    // NetworkPolicy). An ignored pod is open itself, and for others it is an address.
    const asNode = host === own ? 'allowed' : judgeSide(byAddress, view).verdict;
    return asNode === asPods.verdict ? asPods : { ...asPods, verdict: 'undefined', doubt: hostDoubt(host) };
  }

  return (view) => {
    const { own, direction, other, isOwnNode } = view;
    const tiers = own.tiers?.[direction] ?? { Admin: [], Baseline: [] };
    const side = judge(view, tiers, () => judgeBelow(view));
    const isNode = isOwnNode || (isHost(other) && mayShareNode(own, other));
    if (side.verdict !== 'denied' || !isNode) return side;
    return { ...side, verdict: 'undefined', isBelow: true, doubt: nodeDoubt(own) };
  };
}

function isHost(end: PodClass | Address): end is PodClass {
  return 'pod' in end && end.pod.hostNetwork;
}

const icmpDoubt = 'NetworkPolicies say nothing about ICMP';

function hostDoubt({ pod }: PodClass): string {
  return `${pod.namespace}/${pod.name} uses the host's network, where NetworkPolicies are undefined`;
}

function nodeDoubt({ pod }: PodClass): string {
  return `the other end may be the node that ${pod.namespace}/${pod.name} runs on, and traffic with it is always allowed by NetworkPolicies`;
}
