import type { NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { own } from '../kubernetes/raw-object.ts';
import { isSameSpec, type Unvalidated } from './equality.ts';
import { allowDnsName, denyAllName } from './names.ts';

/**
 * The annotation of a fenced namespace on trial: when its wall opens, unless the annotation is
 * removed before (RFC 3339, UTC, to the second). The objects of its baseline carry it too.
 */
export const trialAnnotation = 'ringfence.dev/trial-until';

/**
 * The form of the annotation's value, which CEL (RE2) and JavaScript read alike. All values have
 * one length, so the order of the texts is that of the times.
 */
export const trialPattern =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$';

const trialForm = new RegExp(trialPattern, 'u');

/** A namespace, as far as its trial is concerned. */
export interface OnTrial {
  readonly fenced: boolean;
  /** The value of the annotation; absent for a namespace that is not on trial. */
  readonly trialUntil?: string;
  /** Whether the trial has ended: then the namespace is not fenced, although it has the mark. */
  readonly isTrialOver?: true;
}

/** Whether a text is a time in the form of the annotation. */
export function isTrialTime(text: unknown): text is string {
  return typeof text === 'string' && trialForm.test(text);
}

/** Formats a time (milliseconds since 1970) for the annotation; a part of a second is added up. */
export function formatTrialTime(time: number): string {
  return `${new Date(Math.ceil(time / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Returns the trial in the annotations; undefined if there is none that can be read. */
export function readTrial({ annotations }: Pick<ObjectMeta, 'annotations'>): string | undefined {
  const value = own(annotations, trialAnnotation);
  return isTrialTime(value) ? value : undefined;
}

/**
 * Returns the namespace as it is at a time of the API server (milliseconds since 1970): not fenced
 * from the end of its trial on.
 */
export function asOf<T extends OnTrial>(namespace: T, now: number): T {
  const { fenced, trialUntil } = namespace;
  if (!fenced || trialUntil === undefined || !(Date.parse(trialUntil) <= now)) return namespace;
  return { ...namespace, fenced: false, isTrialOver: true };
}

/**
 * Selects no Pod, so that the object neither isolates nor allows anything. This is what a wall
 * becomes at the end of its trial, because the process may not delete it. The empty lists are
 * necessary, as in the wall.
 */
export const openSpec: NetworkPolicySpec = {
  podSelector: {
    matchExpressions: [
      { key: trialAnnotation, operator: 'Exists' },
      { key: trialAnnotation, operator: 'DoesNotExist' },
    ],
  },
  policyTypes: ['Ingress', 'Egress'],
  ingress: [],
  egress: [],
};

/** Whether an object with a name of the baseline is there and still selects Pods. */
export function isClosed<T extends Unvalidated>(policy: T | undefined): policy is T {
  return policy !== undefined && !isSameSpec(own(policy, 'spec'), openSpec);
}

/**
 * Whether an object still stands of the wall of a trial. The first two names are reserved in every
 * namespace with the mark. An optional part that the configuration does not have may be a user's,
 * so it counts only with the annotation.
 */
export function isStanding<T extends { readonly metadata: ObjectMeta; readonly spec?: unknown }>(
  policy: T | undefined,
): policy is T {
  if (!isClosed(policy)) return false;
  const { name } = policy.metadata;
  return name === denyAllName || name === allowDnsName || readTrial(policy.metadata) !== undefined;
}

/** What the annotations of an object of the baseline must say of the trial of its namespace. */
export function hasTrial(policy: Unvalidated, trialUntil: string | undefined): boolean {
  return own(own(own(policy, 'metadata'), 'annotations'), trialAnnotation) === trialUntil;
}
