import { type Address, isInRange, readAddress } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import { addressRanges } from '../network/classes.ts';
import type { Answer, Endpoint, Evaluator } from '../network/evaluator.ts';
import type { Direction, Protocol } from '../network/rules.ts';
import type { Side, Verdict } from '../network/side.ts';
import type { TieredSide } from '../network/tiered-side.ts';
import type { Pod } from '../network/world.ts';
import type { Candidate, Pair } from './candidates.ts';
import { keyOfEnd } from './end.ts';
import type { Party } from './party.ts';
import { byText } from './text-order.ts';

/** What the policies of both ends say of a flow. A side is undefined if that end is no Pod. */
export interface Ruling {
  readonly verdict: Verdict;
  readonly egress: Verdict | undefined;
  readonly ingress: Verdict | undefined;
  /** The policies that let it pass, as `namespace/name`; cluster-scoped ones by their name. */
  readonly by: readonly string[];
  /** Whether a policy isolates the end in this direction. */
  readonly isIsolated: Readonly<Record<Direction, boolean>>;
  /** Why the verdict is undefined, or why no policy was asked. */
  readonly because: string | undefined;
}

/** Which world each end of a flow is in: the one of today, or the one behind the baseline. */
export interface Worlds {
  readonly egress: Evaluator;
  readonly ingress: Evaluator;
}

/**
 * An address that is in no ipBlock: the end of a flow whose address nobody knows, such as a node.
 * Only a rule without peers allows it.
 */
const nowhere: Address = { family: 4, value: -1n };

/**
 * What the policies say of a candidate. If its ends have Pods that policies tell apart, the answer
 * is the most open one with `some`, and the most closed one with `all`.
 */
export function ruleOn(candidate: Candidate, worlds: Worlds, quantifier: 'some' | 'all', twins: Twins): Ruling {
  const rulings = candidate.pairs.flatMap((pair) => rulingsOf(pair, candidate, worlds, twins));
  const order = quantifier === 'some' ? openFirst : closedFirst;
  const [first] = rulings.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  if (first === undefined) throw new Error(`no ends of ${keyOfEnd(candidate.from)} to ${keyOfEnd(candidate.to)}`);
  if (quantifier === 'some') return first;
  const worst = (side: Direction): Verdict | undefined =>
    closedFirst.find((verdict) => rulings.some((one) => one[side] === verdict));
  const by = [...new Set(rulings.flatMap((one) => one.by))].sort(byText);
  const isIsolated = {
    ingress: rulings.some((one) => one.isIsolated.ingress),
    egress: rulings.some((one) => one.isIsolated.egress),
  };
  return { ...first, egress: worst('egress'), ingress: worst('ingress'), by, isIsolated };
}

const openFirst: readonly Verdict[] = ['allowed', 'undefined', 'denied'];
const closedFirst: readonly Verdict[] = ['denied', 'undefined', 'allowed'];

/** Another Pod of the same kind, since a Pod always reaches itself. */
export type Twins = ReadonlyMap<Pod, Pod>;

function rulingsOf(pair: Pair, { protocol, port }: Candidate, worlds: Worlds, twins: Twins): readonly Ruling[] {
  const { from, to } = pair;
  const sources = endpointsOf(from, to, 'ingress', worlds.ingress);
  const destinations = endpointsOf(to, from, 'egress', worlds.egress);
  return sources.flatMap((source) =>
    destinations.map((destination) => {
      const isSelf = 'pod' in source && 'pod' in destination && source.pod === destination.pod;
      const twin = isSelf ? twins.get(source.pod) : undefined;
      const ends = { from: source, to: twin === undefined ? destination : { pod: twin } };
      return rule(ends, protocol, port, worlds);
    }),
  );
}

function rule(
  ends: { readonly from: Endpoint; readonly to: Endpoint },
  protocol: Protocol | 'ICMP',
  port: number,
  worlds: Worlds,
): Ruling {
  const flow = { ...ends, protocol, port };
  const egress = worlds.egress.answer(flow);
  const ingress = worlds.egress === worlds.ingress ? egress : worlds.ingress.answer(flow);
  const isUnasked = egress.egress === undefined && ingress.ingress === undefined;
  if (isUnasked && egress.because !== undefined)
    return { ...noSides, verdict: egress.verdict, by: [], because: egress.because };
  const sides = { egress: egress.egress, ingress: ingress.ingress };
  const verdicts = [sides.egress?.verdict ?? 'allowed', sides.ingress?.verdict ?? 'allowed'];
  return {
    verdict: closedFirst.find((one) => verdicts.includes(one)) ?? 'allowed',
    egress: sides.egress?.verdict,
    ingress: sides.ingress?.verdict,
    by: [...new Set([sides.egress, sides.ingress].flatMap(namesOf))].sort(byText),
    isIsolated: {
      egress: (sides.egress?.isolatedBy.length ?? 0) > 0,
      ingress: (sides.ingress?.isolatedBy.length ?? 0) > 0,
    },
    because: sayDoubt(egress, sides.egress) ?? sayDoubt(ingress, sides.ingress),
  };
}

const noSides = { egress: undefined, ingress: undefined, isIsolated: { egress: false, ingress: false } } as const;

function sayDoubt({ because }: Answer, side: Side | TieredSide | undefined): string | undefined {
  return side?.doubt ?? because;
}

function namesOf(side: Side | TieredSide | undefined): readonly string[] {
  if (side === undefined || side.verdict !== 'allowed') return [];
  const tiers = 'admin' in side ? [side.admin, side.baseline].flatMap((one) => one?.rulings ?? []) : [];
  return [
    ...side.allowedBy.map(({ policy }) => `${policy.namespace}/${policy.name}`),
    ...tiers.filter(({ rule: { action } }) => action === 'Accept').map(({ policy }) => policy.name),
  ];
}

/** The endpoints that stand for a party: one Pod of each class, or addresses. */
function endpointsOf(party: Party, other: Party, direction: Direction, evaluator: Evaluator): readonly Endpoint[] {
  const { pods, addresses, end } = party;
  if (pods.length > 0) {
    const classes = new Map(pods.map((pod) => [evaluator.classes.of(pod) ?? pod, pod] as const));
    return [...classes.values()].map((pod) => ({ pod }));
  }
  if (addresses.length > 0) return addresses.map((address) => ({ address }));
  if (end.kind !== 'outside') return [{ address: nowhere }];
  return samples(other, direction, evaluator).map((address) => ({ address }));
}

const somewhere = readAddress('192.0.2.1') as Address;

/**
 * Addresses outside the cluster, of which one is on each side of every border that the policies of
 * the other end draw. What they all say is true of any address.
 */
function samples(other: Party, direction: Direction, evaluator: Evaluator): readonly Address[] {
  const classes = new Set(other.pods.flatMap((pod) => evaluator.classes.of(pod) ?? []));
  const ranges = [...classes].flatMap((one) =>
    one.isolatedBy[direction].flatMap((policy) => addressRanges(policy[direction])),
  );
  const borders = ranges.flatMap(({ family, first, last }) =>
    family === 4 ? [first, last + 1n].map((value) => ({ family, value })) : [],
  );
  const last = (1n << 32n) - 1n;
  const isPublic = (address: Address): boolean =>
    address.value <= last && !privateNetworks.some((range) => isInRange(range, address));
  return [somewhere, ...borders.filter(isPublic)];
}
