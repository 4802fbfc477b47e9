import type { Address } from './address.ts';
import { everyAddress } from './blocks.ts';
import type { PodClass } from './classes.ts';
import { type Matcher, unknown, yes } from './match.ts';
import { formatRanges } from './range-text.ts';
import type { Direction, Policy, PortRange, Protocol, Rule } from './rules.ts';
import type { Pod } from './world.ts';

export type Verdict = 'allowed' | 'denied' | 'undefined';

/** A flow from the point of view of one of its ends. */
export interface View {
  readonly direction: Direction;
  readonly own: PodClass;
  readonly other: PodClass | Address;
  /**
   * The pod that resolves port names. Undefined outside the cluster, where no names are resolved.
   */
  readonly destination: Pod | undefined;
  readonly protocol: Protocol | 'ICMP';
  readonly port: number;
}

/** The verdict of one end's policies. */
export interface Side {
  readonly verdict: Verdict;
  /** The policies that isolate this end in this direction. If there are none, the end is open. */
  readonly isolatedBy: readonly Policy[];
  /** The rules that allow the flow. */
  readonly allowedBy: readonly { readonly policy: Policy; readonly rule: Rule }[];
  /** Why the verdict is undefined. */
  readonly doubt?: string;
  /** What was taken to be so about an unknown address, if the verdict depends on it. */
  readonly assumption?: string;
}

/**
 * Judges a flow by the policies of one end. Policies add up: one rule that allows the flow is
 * enough, and an end that no policy isolates in this direction is open in it.
 */
export function judgeSide(match: Matcher, { direction, own, other, destination, protocol, port }: View): Side {
  const isolatedBy = own.isolatedBy[direction];
  const allowedBy: { policy: Policy; rule: Rule }[] = [];
  let isDoubtful = false;
  for (const policy of isolatedBy) {
    for (const rule of policy[direction]) {
      if (!allowsPort(rule.ports, destination, protocol, port)) continue;
      const found = match(rule, policy, other);
      if (found === yes) allowedBy.push({ policy, rule });
      else if (found === unknown) isDoubtful = true;
    }
  }
  if (isolatedBy.length === 0 || allowedBy.length > 0) {
    const isAssumed = (): boolean =>
      allowedBy.length > 0 && allowedBy.every(({ policy, rule }) => match(withoutBlocks(rule), policy, other) !== yes);
    return withAssumption({ verdict: 'allowed', isolatedBy, allowedBy }, other, isAssumed);
  }
  if (isDoubtful) return { verdict: 'undefined', isolatedBy, allowedBy, doubt: doubtAbout(other) };
  const isAssumed = (): boolean =>
    isolatedBy.some((policy) =>
      policy[direction].some((rule) => hasBlocks(rule) && allowsPort(rule.ports, destination, protocol, port)),
    );
  return withAssumption({ verdict: 'denied', isolatedBy, allowedBy }, other, isAssumed);
}

/** Both ends must allow. If one end denies, that decides, even if the other end is unknown. */
export function both(a: Verdict, b: Verdict): Verdict {
  if (a === 'denied' || b === 'denied') return 'denied';
  return a === 'allowed' && b === 'allowed' ? 'allowed' : 'undefined';
}

/**
 * Whether a rule's ports include a port. The destination pod resolves a name by its container
 * ports. Outside the cluster no names are resolved.
 */
export function allowsPort(
  ports: readonly PortRange[] | undefined,
  destination: Pod | undefined,
  protocol: Protocol | 'ICMP',
  port: number,
): boolean {
  if (ports === undefined) return true;
  for (const range of ports) {
    if (range.protocol !== protocol) continue;
    if (range.port === 'all') return true;
    if ('first' in range.port) {
      if (range.port.first <= port && port <= range.port.last) return true;
      continue;
    }
    const { name } = range.port;
    if (destination?.ports.some((one) => one.name === name && one.protocol === protocol && one.port === port))
      return true;
  }
  return false;
}

function hasBlocks({ peers }: Rule): boolean {
  return peers?.some(({ kind }) => kind === 'addresses') === true;
}

function withoutBlocks(rule: Rule): Rule {
  return hasBlocks(rule) ? { ...rule, peers: rule.peers?.filter(({ kind }) => kind === 'pods') } : rule;
}

/** A side with what was assumed. Most have nothing to assume, and there are many. */
function withAssumption(side: Side, other: PodClass | Address, isAssumed: () => boolean): Side {
  if ('family' in other || other.pod.addresses.length > 0) return side;
  return { ...side, ...assumptionAbout(other, isAssumed) };
}

/** What was taken to be so about the address of the other end, if that mattered. */
export function assumptionAbout(other: PodClass | Address, isAssumed: () => boolean): Pick<Side, 'assumption'> {
  if ('family' in other || other.pod.addresses.length > 0 || other.networks === everyAddress) return {};
  if (!isAssumed()) return {};
  return { assumption: `the address of ${nameOf(other)} is not known and counts as one of ${sayNetworks(other)}` };
}

function doubtAbout(other: PodClass | Address): string {
  if ('family' in other || other.pod.addresses.length > 0)
    return `an ipBlock holds one address of ${nameOf(other)} and not the other`;
  const unknownAddress = `an ipBlock may hold the address of ${nameOf(other)}, and its status.podIP is not known`;
  return other.networks === everyAddress
    ? unknownAddress
    : `${unknownAddress} (it counts as one of ${sayNetworks(other)})`;
}

function nameOf(other: PodClass | Address): string {
  return 'family' in other ? 'the address' : `${other.pod.namespace}/${other.pod.name}`;
}

function sayNetworks({ networks }: PodClass): string {
  return formatRanges(networks);
}
