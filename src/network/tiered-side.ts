import { type Matcher, no, yes } from './match.ts';
import { allowsPort, assumptionAbout, type Side, type Verdict, type View } from './side.ts';
import { createTierMatcher, type TierMatcher } from './tier-match.ts';
import type { Action, TieredPolicy, TieredRule } from './tiered-policy.ts';
import type { Chain, Tiers } from './tiers.ts';

/** A rule that decides in its tier, or may decide. */
export interface Ruling {
  readonly policy: TieredPolicy;
  readonly rule: TieredRule;
  /** False if it depends on an unknown address whether the rule holds the flow. */
  readonly isSure: boolean;
}

/** What the policies of one tier may say of a flow. */
export interface Outcome {
  /** Several if their order is not defined, or if some are not sure. */
  readonly rulings: readonly Ruling[];
  /** Whether it may be that no rule of the tier holds the flow. */
  readonly mayFall: boolean;
  /** Whether a rule was asked for the address of the other end. */
  readonly asksAddress: boolean;
}

/** The verdict of one end's policies of all tiers. */
export interface TieredSide extends Side {
  readonly admin: Outcome;
  /** Undefined if the Baseline tier was not consulted, because something decided before it. */
  readonly baseline: Outcome | undefined;
  /** Whether NetworkPolicies were consulted. `isolatedBy` is then what isolates the end. */
  readonly isPassed: boolean;
  /** Of an undefined verdict: whether it is NetworkPolicies that leave it undefined. */
  readonly isBelow: boolean;
}

/** Judges a flow by the tiers of one end. */
export type TieredJudge = (view: View, tiers: Tiers, below: Below) => TieredSide;

/** Answers for the NetworkPolicies of an end where one isolates it. */
export type Below = () => Side;

/**
 * Follows the types of policy.networking.k8s.io: the Admin tier by priority, where the first rule
 * that holds the flow is final and Pass leaves the tier; then NetworkPolicies, which are final for
 * an end that they isolate in this direction; then the Baseline tier; and then everything is
 * allowed. If policies of equal priority, or of two kinds, hold the flow, any of them may be
 * applied.
 */
export function createTieredJudge(match: Matcher): TieredJudge {
  const matchRule = createTierMatcher(match);
  return (view, tiers, below) => {
    const admin = ask(tiers.Admin, view, matchRule);
    const isPassed = admin.mayFall || admin.rulings.some(({ rule }) => rule.action === 'Pass');
    const isIsolated = view.own.isolatedBy[view.direction].length > 0;
    const policies = isPassed && isIsolated ? below() : undefined;
    const baseline = isPassed && !isIsolated ? ask(tiers.Baseline, view, matchRule) : undefined;
    const next = policies?.verdict ?? (baseline && verdictOf(baseline, defaultVerdict(view)));
    const verdict = verdictOf(admin, next ?? 'allowed');
    const asksAddress = admin.asksAddress || baseline?.asksAddress === true;
    return {
      verdict,
      isolatedBy: policies?.isolatedBy ?? [],
      allowedBy: policies?.allowedBy ?? [],
      ...(policies?.doubt === undefined ? {} : { doubt: policies.doubt }),
      ...(policies?.assumption === undefined
        ? assumptionAbout(view.other, () => asksAddress)
        : { assumption: policies.assumption }),
      admin,
      baseline,
      isPassed,
      isBelow: verdict === 'undefined' && policies?.verdict === 'undefined',
    };
  };
}

/** Kubernetes allows what nobody decides. About ICMP it says nothing. */
function defaultVerdict({ protocol }: View): Verdict {
  return protocol === 'ICMP' ? 'undefined' : 'allowed';
}

/** The verdict of a tier, where `next` is that of what follows it. Different possibilities part. */
function verdictOf({ rulings, mayFall }: Outcome, next: Verdict): Verdict {
  const possible = new Set(rulings.map(({ rule }) => effectOf(rule.action, next)));
  if (mayFall) possible.add(next);
  const [only] = possible;
  return possible.size === 1 && only !== undefined ? only : 'undefined';
}

/** What an action means, where `next` is the verdict of what follows its tier. */
export function effectOf(action: Action, next: Verdict): Verdict {
  if (action === 'Pass') return next;
  return action === 'Accept' ? 'allowed' : 'denied';
}

function ask(chains: readonly Chain[], view: View, matchRule: TierMatcher): Outcome {
  return atOnce(chains.map((chain) => askChain(chain, view, matchRule)));
}

/** Each level is asked only if none before it holds the flow for certain. */
function askChain(chain: Chain, view: View, matchRule: TierMatcher): Outcome {
  const rulings: Ruling[] = [];
  let asksAddress = false;
  for (const level of chain) {
    const outcome = atOnce(level.map((policy) => askPolicy(policy, view, matchRule)));
    rulings.push(...outcome.rulings);
    asksAddress ||= outcome.asksAddress;
    if (!outcome.mayFall) return { rulings, mayFall: false, asksAddress };
  }
  return { rulings, mayFall: true, asksAddress };
}

/** Outcomes whose order is not defined: any of them may be applied. */
function atOnce(outcomes: readonly Outcome[]): Outcome {
  return {
    rulings: outcomes.flatMap(({ rulings }) => rulings),
    mayFall: outcomes.every(({ mayFall }) => mayFall),
    asksAddress: outcomes.some(({ asksAddress }) => asksAddress),
  };
}

function askPolicy(policy: TieredPolicy, { direction, other, ...asked }: View, matchRule: TierMatcher): Outcome {
  const rulings: Ruling[] = [];
  let asksAddress = false;
  for (const rule of policy[direction]) {
    if (!allowsPort(rule.ports, asked.destination, asked.protocol, asked.port)) continue;
    asksAddress ||= (rule.networks.peers ?? []).length > 0;
    const found = matchRule(rule, other);
    if (found === no) continue;
    rulings.push({ policy, rule, isSure: found === yes });
    if (found === yes) return { rulings, mayFall: false, asksAddress };
  }
  return { rulings, mayFall: true, asksAddress };
}
