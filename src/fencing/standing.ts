import { desiredBaseline } from '../baseline/desired.ts';
import { type Drift, driftOf } from '../baseline/drift.ts';
import { purposeOf } from '../baseline/names.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { isClosed, readTrial } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import type { Conflict } from './conflicts.ts';
import { networkPolicyKind, stepOf } from './locations.ts';
import type { FencingPorts, Step, StoredObject } from './ports.ts';
import { networkPolicyLocation } from './scenery.ts';

/** The state of one object of the baseline, and the step that will correct it. */
export interface Standing {
  readonly name: string;
  readonly drift: readonly Drift[];
  /** The drift in words. */
  readonly words: string;
  readonly found: StoredObject | undefined;
  readonly desiredSpec: unknown;
  readonly step: Step;
}

/** Reads the baseline of a namespace live. */
export async function lookAtBaseline(
  namespace: StoredObject,
  { objects }: Pick<FencingPorts, 'objects'>,
  config: Config,
): Promise<readonly Standing[]> {
  const view = readNamespace(namespace);
  return Promise.all(
    desiredBaseline(view, config).map(async (desired): Promise<Standing> => {
      const policy = desired.metadata.name ?? '';
      const found = await objects.get(networkPolicyLocation(view.name, policy));
      const drift = driftOf(found, desired, config.taxonomy);
      const words = drift.map((one) => wordOf(one, found, view.trialUntil)).join(', ');
      const step = stepFor(policy, found, desired, drift, words);
      return { name: policy, drift, words, found, desiredSpec: desired.spec, step };
    }),
  );
}

/** Returns what Ringfence will do to one object of the baseline when the namespace is marked. */
function stepFor(
  policy: string,
  actual: StoredObject | undefined,
  desired: StoredObject,
  drift: readonly Drift[],
  words: string,
): Step {
  const found = { kind: networkPolicyKind, object: desired };
  const what = purposeOf(policy);
  if (drift.length === 0) return stepOf('leave', found, 'true already');
  if (drift.includes('spec') && isClosed(actual)) return stepOf('replace', found, what);
  const isThere = isClosed(actual) && !drift.includes('terminating');
  return isThere ? stepOf('correct', found, words) : stepOf('make', found, what);
}

/**
 * Returns the objects that have a name of the baseline but another specification. What an earlier
 * trial has opened is Ringfence's own.
 */
export function conflictsIn(standing: readonly Standing[]): readonly Conflict[] {
  return standing.flatMap(({ found, drift, desiredSpec }) =>
    isClosed(found) && drift.includes('spec') && !drift.includes('terminating') ? [{ found, desiredSpec }] : [],
  );
}

/** Whether every object of the baseline is correct. */
export function isTrue(standing: readonly Standing[]): boolean {
  return standing.every(({ drift }) => drift.length === 0);
}

/** Describes a drift for a person. */
function wordOf(drift: Drift, found: StoredObject | undefined, trialUntil: string | undefined): string {
  const words = {
    missing: 'missing',
    spec: 'another specification',
    labels: 'other labels than its namespace',
    trial: compareTrials(found && readTrial(found.metadata), trialUntil),
    'owner-references': 'owned by another object',
    terminating: 'being deleted',
  } as const;
  return words[drift];
}

/** What an object of the baseline says of the end of the trial, if its namespace says otherwise. */
function compareTrials(own: string | undefined, wanted: string | undefined): string {
  if (own === undefined) return `does not say that the trial ends at ${wanted ?? ''}`;
  return wanted === undefined
    ? `still says that a trial ends at ${own}`
    : `says that the trial ends at ${own}, and not at ${wanted}`;
}
