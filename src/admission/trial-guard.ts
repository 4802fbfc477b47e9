import { isTrialTime, trialAnnotation } from '../baseline/trial.ts';
import { own } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { fenceMark } from '../policy/mode.ts';
import type { Subject } from '../policy/subject.ts';
import type { Demand } from './demand.ts';
import type { AdmissionRequest } from './review.ts';

/** The annotation of the trial in a request about a Namespace: its value now and before. */
export interface TrialChange {
  readonly now: unknown;
  readonly before: unknown;
}

/** Reads the annotation of the trial from a request about a Namespace. */
export function readTrialChange({ object, oldObject }: AdmissionRequest): TrialChange {
  const valueIn = (namespace: unknown) => own(own(own(namespace, 'metadata'), 'annotations'), trialAnnotation);
  return { now: valueIn(object), before: valueIn(oldObject) };
}

const field = `metadata.annotations.${trialAnnotation}`;

/** Later than every time: a wall without a trial stays. */
const never = 'never';

/**
 * Returns the permissions that a change of the trial needs. An earlier end, or an end for a wall
 * that had none, removes the fence earlier and needs `lower`. A later end, or none any more, fences
 * for longer and needs `fence`. Where the request itself adds or removes the mark, the permission
 * for that is enough. Without the mark, the annotation has no effect.
 */
export function trialDemands(trial: TrialChange, now: Subject, before: Subject | undefined): readonly Demand[] {
  if (!now.labels.has(fenceMark) || (before !== undefined && !before.labels.has(fenceMark))) return [];
  const [is, was] = [trial.now, trial.before].map((value) => (isTrialTime(value) ? value : never)) as [string, string];
  if (is === was) return [];
  const check = is < was ? 'lower' : 'fence';
  const what =
    is === never
      ? `the trial until ${was} is confirmed, and the wall stays`
      : `the wall opens at ${is}${was === never ? '' : ` and no longer at ${was}`}`;
  const permission = { verb: check, resource: 'fences', name: now.name } as const;
  return [{ check, permission, field, subject: trialAnnotation, found: is === never ? undefined : is, what }];
}

/**
 * Refuses a value that is no time, and the mark on a namespace that carries the annotation already:
 * whoever could annotate the namespace before would decide when its wall opens. Refused in every
 * mode and to every user.
 */
export function guardTrial(
  { now: value, before: old }: TrialChange,
  now: Subject,
  before: Subject | undefined,
): readonly Finding[] {
  if (value === undefined || value === null) return [];
  const found = String(value);
  const finding = { check: 'trial', field, subject: trialAnnotation, found, action: 'deny', because: 'guard' } as const;
  if (value !== old)
    return isTrialTime(value)
      ? []
      : [{ ...finding, reason: `${JSON.stringify(found)} is not a time such as 2026-01-31T09:30:00Z` }];
  if (before === undefined || before.labels.has(fenceMark) || !now.labels.has(fenceMark)) return [];
  const reason = `was there before the mark, and would say when the wall opens; run: ringfence fence ${now.name}`;
  return [{ ...finding, reason }];
}
