import type { Address } from './address.ts';
import { isInBlock } from './blocks.ts';
import type { PodClass } from './classes.ts';
import { type Home, type Match, type Matcher, no, unknown, yes } from './match.ts';
import type { TieredRule } from './tiered-policy.ts';

/** Whether a tiered rule's peers include the other end of a flow. */
export type TierMatcher = (rule: TieredRule, other: PodClass | Address) => Match;

/**
 * Each peer of a tiered policy has a namespaceSelector, so its own namespace is never asked for.
 */
export const cluster: Home = { namespace: '' };

/** Creates a matcher for tiered rules from the matcher for the rules of NetworkPolicies. */
export function createTierMatcher(match: Matcher): TierMatcher {
  return (rule, other) => {
    if ('family' in other) return matchAddress(rule, other);
    const byAddress = match(rule.networks, cluster, other);
    const { pod } = other;
    if (pod.hostNetwork) return either(byAddress, either(matchNodes(rule, pod.addresses), matchDomains(rule)));
    // A pod's own address is never that of a Node.
    return either(match(rule.pods, cluster, other), either(byAddress, matchDomains(rule)));
  };
}

/** Whether a tiered rule's peers include an address that no pod of the pod network has. */
export function matchAddress(rule: TieredRule, address: Address): Match {
  const { peers } = rule.networks;
  const isHeld = peers === undefined || peers.some((peer) => peer.kind === 'addresses' && isInBlock(peer, address));
  return either(isHeld ? yes : no, either(matchNodes(rule, [address]), matchDomains(rule)));
}

/** Whether the Nodes of a rule have these addresses, of which a flow uses one. */
export function matchNodes({ nodes }: TieredRule, addresses: readonly Address[]): Match {
  if (nodes === undefined) return no;
  const { addresses: known } = nodes;
  if (known === undefined || addresses.length === 0) return unknown;
  const held = addresses.filter(({ family, value }) =>
    known.some((one) => one.family === family && one.value === value),
  );
  return held.length === 0 ? no : held.length === addresses.length ? yes : unknown;
}

/** What a domain name stands for is not in any object. */
export function matchDomains({ hasDomains }: TieredRule): Match {
  return hasDomains ? unknown : no;
}

/** One of two alternatives. */
function either(a: Match, b: Match): Match {
  if (a === yes || b === yes) return yes;
  return a === unknown || b === unknown ? unknown : no;
}
