import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { fenceMark } from '../policy/mode.ts';
import { asOf, type OnTrial, readTrial } from './trial.ts';

/**
 * The facts of a namespace that the baseline needs. It is small enough for a cache of all of them.
 */
export interface NamespaceView extends OnTrial {
  readonly name: string;
  /** Changes when a namespace is created again under its old name. */
  readonly uid: string;
  readonly labels: Labels;
  /** Whether it carries the label of the mark, with any value. */
  readonly fenced: boolean;
  /** Whether its deletion has begun, so that nothing can be created in it. */
  readonly terminating: boolean;
}

/** Whether a namespace must have a baseline: it carries the mark, and it may be fenced. */
export function needsBaseline(
  { name, fenced }: Pick<NamespaceView, 'name' | 'fenced'>,
  { neverFenced }: Pick<Config, 'neverFenced'>,
): boolean {
  return fenced && !neverFenced.includes(name);
}

/**
 * Whether a core/v1 Namespace must have a baseline at a time (milliseconds since 1970): not from
 * the end of its trial on.
 */
export function isFencedAt(raw: RawNamespace, now: number, config: Pick<Config, 'neverFenced'>): boolean {
  return needsBaseline(asOf(readNamespace(raw), now), config);
}

/**
 * Reads a core/v1 Namespace, whole or only its metadata. One in a review may hold anything: what is
 * of another type counts as absent.
 */
export function readNamespace(raw: RawNamespace): NamespaceView {
  const metadata = recordOf(own(raw, 'metadata'));
  const trialUntil = readTrial(metadata);
  return {
    name: textAt(metadata, 'name') ?? '',
    uid: textAt(metadata, 'uid') ?? '',
    labels: readLabels(raw).labels,
    fenced: own(own(metadata, 'labels'), fenceMark) !== undefined,
    ...(trialUntil === undefined ? {} : { trialUntil }),
    terminating: own(metadata, 'deletionTimestamp') !== undefined || valueAt(raw, 'status', 'phase') === 'Terminating',
  };
}
