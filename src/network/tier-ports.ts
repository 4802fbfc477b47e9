import { type Match, no, yes } from './match.ts';
import { allPorts, intersect, noPorts, type PortSet, unite, without } from './port-set.ts';
import type { Reach } from './reach-table.ts';
import type { Direction } from './rules.ts';
import type { TieredPolicy, TieredRule } from './tiered-policy.ts';
import type { Chain, Tiers } from './tiers.ts';

/**
 * What the tiers of one end may say of one other end: the ports at which each outcome is possible.
 */
export interface TierPorts {
  readonly accepted: PortSet;
  readonly denied: PortSet;
  /** The ports that the Admin tier may leave to NetworkPolicies and the Baseline tier. */
  readonly passed: PortSet;
  /** What the Baseline tier may then allow, and deny. */
  readonly baseline: { readonly allowed: PortSet; readonly denied: PortSet };
}

/** How a rule matches the other end, and its ports there. */
export interface RuleAsker {
  match(rule: TieredRule): Match;
  ports(rule: TieredRule): PortSet;
}

/** Asks the tiers of one end about all ports at once, as tiered-side.ts asks about one. */
export function askTiers({ Admin, Baseline }: Tiers, direction: Direction, asker: RuleAsker): TierPorts {
  const admin = askChains(Admin, direction, asker);
  const baseline = askChains(Baseline, direction, asker);
  return {
    accepted: admin.accepted,
    denied: admin.denied,
    passed: unite(admin.passed, admin.left),
    baseline: { allowed: [baseline.accepted, baseline.passed, baseline.left].reduce(unite), denied: baseline.denied },
  };
}

/**
 * The reach of one end, where `policies` is that of the NetworkPolicies that isolate it, if any do.
 */
export function reachThrough({ accepted, denied, passed, baseline }: TierPorts, policies: Reach | undefined): Reach {
  const next =
    policies === undefined
      ? baseline
      : { allowed: unite(policies.allowed, policies.undecided), denied: without(allPorts, policies.allowed) };
  const mayAllow = unite(accepted, intersect(passed, next.allowed));
  const mayDeny = unite(denied, intersect(passed, next.denied));
  return { allowed: without(mayAllow, mayDeny), undecided: intersect(mayAllow, mayDeny) };
}

/** The ports at which each outcome of a tier, a level or a policy is possible. */
interface Outcome {
  readonly accepted: PortSet;
  readonly denied: PortSet;
  readonly passed: PortSet;
  /** The ports at which no rule may hold. */
  readonly left: PortSet;
}

const nothing: Outcome = { accepted: noPorts, denied: noPorts, passed: noPorts, left: allPorts };

function askChains(chains: readonly Chain[], direction: Direction, asker: RuleAsker): Outcome {
  return atOnce(chains.map((chain) => askChain(chain, direction, asker)));
}

function askChain(chain: Chain, direction: Direction, asker: RuleAsker): Outcome {
  return chain.reduce<Outcome>((before, level) => {
    if (before.left.length === 0) return before;
    const { accepted, denied, passed, left } = atOnce(level.map((policy) => askPolicy(policy, direction, asker)));
    return {
      accepted: unite(before.accepted, intersect(before.left, accepted)),
      denied: unite(before.denied, intersect(before.left, denied)),
      passed: unite(before.passed, intersect(before.left, passed)),
      left: intersect(before.left, left),
    };
  }, nothing);
}

/** Outcomes whose order is not defined: each is possible. */
function atOnce(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (all, one) => ({
      accepted: unite(all.accepted, one.accepted),
      denied: unite(all.denied, one.denied),
      passed: unite(all.passed, one.passed),
      left: intersect(all.left, one.left),
    }),
    nothing,
  );
}

function askPolicy(policy: TieredPolicy, direction: Direction, asker: RuleAsker): Outcome {
  const held = { Accept: noPorts, Deny: noPorts, Pass: noPorts };
  let left = allPorts;
  for (const rule of policy[direction]) {
    const match = asker.match(rule);
    if (match === no) continue;
    const ports = asker.ports(rule);
    held[rule.action] = unite(held[rule.action], intersect(left, ports));
    if (match === yes) left = without(left, ports);
    if (left.length === 0) break;
  }
  return { accepted: held.Accept, denied: held.Deny, passed: held.Pass, left };
}
