import type { Identity } from '../network/identities.ts';
import type { Opening } from '../network/openings.ts';
import type { Policy } from '../network/rules.ts';
import type { ValueSet } from '../network/values.ts';
import type { PeerRole } from './network-config.ts';

/** What a NetworkPolicy opens. It is an input of the checks. */
export interface Opened {
  readonly policy: Policy;
  readonly openings: readonly JudgedOpening[];
  /** The families of which ingress opens every address by ipBlocks; undefined if there are none. */
  readonly wholeIngress: WholeFamilies | undefined;
  /** The identities that the Pods which it selects may have, now or later. */
  readonly own: readonly Identity[];
  /** Whether no Pod of its namespace that passes the checks can have the labels it selects. */
  readonly selectsNoJudged: boolean;
}

/** What ipBlocks of a direction open that together are all of IPv4 or IPv6. */
export interface WholeFamilies {
  readonly families: readonly (4 | 6)[];
  /** The field of the first ipBlock, which stands for all of them. */
  readonly field: string;
  readonly subject: string;
  /** What is wrong and what to do, in one line. */
  readonly reason: string;
}

/** An opening, with the meaning of its other end by the configuration. */
export interface JudgedOpening extends Opening {
  /**
   * The role of the configured peer that contains the whole other end; undefined if there is none,
   * or if the other end spans several roles.
   */
  readonly role: PeerRole | undefined;
  /**
   * Whether the other end is the outside: an ingress controller, a public peer, an ipBlock that is
   * not private, or anyone.
   */
  readonly isOutside: boolean;
  /** Whether the other end may be a Pod of any identity: private addresses, or anyone. */
  readonly mayBeAnyPod: boolean;
}

/** Whether every Pod that the policy can select is labelled `expose: "true"`. False for no Pods. */
export function isExposed(own: readonly Identity[]): boolean {
  return own.length > 0 && own.every((identity) => isOnly(identity.values.get('expose'), 'true'));
}

/** Whether this value is the only one that a key may have. */
export function isOnly(set: ValueSet | undefined, value: string): boolean {
  return set !== undefined && !set.absent && !set.negated && set.values.size === 1 && set.values.has(value);
}

/** Returns a field without the common `spec.`: `ingress[0].from[1]`. */
export function shortField(field: string): string {
  return field.replace(/^spec\./, '');
}
