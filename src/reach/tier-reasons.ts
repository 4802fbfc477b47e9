import type { Endpoint, Flow } from '../network/evaluator.ts';
import { formatAddress } from '../network/range-text.ts';
import type { Direction } from '../network/rules.ts';
import type { Action, TieredPolicy } from '../network/tiered-policy.ts';
import type { Outcome, Ruling, TieredSide } from '../network/tiered-side.ts';

/**
 * What the tiers of one end said, in their order. `policies` says what NetworkPolicies said, where
 * they were asked.
 */
export function sayTiers(side: TieredSide, policies: string): string {
  const { admin, baseline, isPassed, isolatedBy, assumption } = side;
  const parts = [sayOutcome(admin)];
  if (baseline !== undefined) parts.push(sayOutcome(baseline));
  if (isPassed && (isolatedBy.length > 0 || leavesOpen(baseline))) parts.push(policies);
  const text = parts.filter((part) => part !== '').join('; ');
  return assumption === undefined || text.includes(assumption) ? text : `${text} (${assumption})`;
}

/** Why the tiers of one end give no verdict. */
export function sayTierDoubt(side: TieredSide, other: Endpoint): string {
  if (side.isBelow && side.doubt !== undefined) return side.doubt;
  const outcomes = [side.admin, ...(side.baseline === undefined ? [] : [side.baseline])];
  for (const { rulings } of outcomes) {
    const sure = rulings.filter(({ isSure }) => isSure);
    const second = sure.find(({ rule }) => rule.action !== sure[0]?.rule.action);
    if (sure[0] !== undefined && second !== undefined) return sayConflict(sure[0], second);
  }
  const unsure = outcomes.flatMap(({ rulings }) => rulings).find(({ isSure }) => !isSure);
  if (unsure === undefined) return side.doubt ?? 'NetworkPolicies say nothing about ICMP';
  return `${nameOf(unsure)} may hold ${endText(other)}: ${whyUnsure(unsure, other)}`;
}

/** What would have to change where a tier denies a flow: one sentence for each tier that does. */
export function sayTierRemedies(side: TieredSide, flow: Flow, direction: Direction): readonly string[] {
  const own = direction === 'egress' ? flow.from : flow.to;
  const admin = side.admin.rulings.filter(isDeny).map((ruling) => {
    const { priority } = ruling.policy;
    const earlier =
      priority === undefined || priority === 0 ? 'before it' : `of a policy with a priority below ${priority}`;
    return `change ${nameOf(ruling)}, or accept the flow in a rule ${earlier}: no NetworkPolicy allows what the Admin tier denies`;
  });
  const baseline = (side.baseline?.rulings ?? []).filter(isDeny).map((ruling) => {
    if (flow.protocol === 'ICMP') return `change ${nameOf(ruling)}`;
    return `change ${nameOf(ruling)}, or add a NetworkPolicy that allows the flow: it decides before the Baseline tier, and isolates ${endText(own)} for ${direction}`;
  });
  return [...admin, ...baseline];
}

function isDeny({ rule }: Ruling): boolean {
  return rule.action === 'Deny';
}

/** Whether the flow may be left to what holds where nobody decides. */
function leavesOpen(baseline: Outcome | undefined): boolean {
  return baseline?.mayFall === true || baseline?.rulings.some(({ rule }) => rule.action === 'Pass') === true;
}

function sayOutcome({ rulings }: Outcome): string {
  const byPlace = Map.groupBy(rulings, ({ policy }) => placeOf(policy));
  return [...byPlace]
    .map(([place, own]) => `${place}: ${own.map((ruling) => `${nameOf(ruling)} ${verbOf(ruling)}`).join(', ')}`)
    .join('; ');
}

/** `Admin tier, priority 10`. */
function placeOf({ tier, priority }: TieredPolicy): string {
  return priority === undefined ? `${tier} tier` : `${tier} tier, priority ${priority}`;
}

/** `ClusterNetworkPolicy deny-web rule 2 "name"`. */
function nameOf({ policy, rule }: Ruling): string {
  const name = rule.name === undefined ? '' : ` ${JSON.stringify(rule.name)}`;
  return `${policy.kind} ${policy.name} rule ${rule.number}${name}`;
}

const verbs: Readonly<Record<Action, readonly [string, string]>> = {
  Accept: ['accepts', 'accept'],
  Deny: ['denies', 'deny'],
  Pass: ['passes', 'pass'],
};

function verbOf({ rule, isSure }: Ruling): string {
  const [does, may] = verbs[rule.action];
  const closed =
    rule.unknownPeer === undefined ? '' : `, as it denies everything: the form of ${rule.unknownPeer} is not known`;
  return `${isSure ? does : `may ${may}`} it${closed}`;
}

function sayConflict(one: Ruling, two: Ruling): string {
  const both = `${nameOf(one)} ${verbOf(one)} and ${nameOf(two)} ${verbOf(two)}`;
  const { tier, kind, priority } = one.policy;
  return kind === two.policy.kind
    ? `${both}, both with priority ${priority} in the ${tier} tier, where their order is not defined`
    : `${both} in the ${tier} tier, where no order is defined between these kinds`;
}

function whyUnsure({ rule }: Ruling, other: Endpoint): string {
  if (rule.hasDomains) return 'what its domain names stand for is not known';
  if (rule.nodes !== undefined && rule.nodes.addresses === undefined) return 'no Node is known';
  return 'pod' in other && other.pod.addresses.length > 1
    ? 'it holds one of its addresses and not the other'
    : 'its address is not known';
}

function endText(end: Endpoint): string {
  return 'pod' in end ? `${end.pod.namespace}/${end.pod.name}` : formatAddress(end.address);
}
