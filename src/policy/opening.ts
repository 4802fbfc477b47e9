import type { Identity } from '../network/identities.ts';
import type { Opening } from '../network/openings.ts';
import type { Policy } from '../network/rules.ts';
import type { ValueSet } from '../network/values.ts';
import type { PeerRole } from './network-config.ts';

/** What a NetworkPolicy opens: a fact that the checks are handed. */
export interface Opened {
  readonly policy: Policy;
  readonly openings: readonly JudgedOpening[];
  /** The pods it selects, whatever pods will come. */
  readonly own: readonly Identity[];
  /** Whether no judged pod of its namespace has the labels that it asks for. */
  readonly selectsNoJudged: boolean;
}

/** An opening, and what the configuration makes of its other end. */
export interface JudgedOpening extends Opening {
  /**
   * The role of the configured peer that the other end is, whole; undefined where it is none, or
   * more than one.
   */
  readonly role: PeerRole | undefined;
  /**
   * Whether it lets in from where unfenced traffic comes: an ingress controller's namespace, an
   * ipBlock that is not private, anyone.
   */
  readonly isOutside: boolean;
  /**
   * Whether the other end may be a Pod of any identity: private addresses may be any Pod's, and
   * anyone is anyone.
   */
  readonly mayBeAnyPod: boolean;
}

/** Whether every pod that the policy can select is labelled `expose: "true"`. False for no pods. */
export function isExposed(own: readonly Identity[]): boolean {
  return own.length > 0 && own.every((identity) => isOnly(identity.values.get('expose'), 'true'));
}

/** Whether a key may have no other value. */
export function isOnly(set: ValueSet | undefined, value: string): boolean {
  return set !== undefined && !set.absent && !set.negated && set.values.size === 1 && set.values.has(value);
}

/** `ingress[0].from[1]`: a field without the `spec.` that all have. */
export function shortField(field: string): string {
  return field.replace(/^spec\./, '');
}
