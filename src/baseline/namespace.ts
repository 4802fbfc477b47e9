import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { fenceMark } from '../policy/mode.ts';
import { type OnTrial, readTrial } from './trial.ts';

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

/** Reads a core/v1 Namespace as the API server sends it, whole or only its metadata. */
export function readNamespace(raw: RawNamespace): NamespaceView {
  const { name, uid, labels, deletionTimestamp } = raw.metadata;
  const trialUntil = readTrial(raw.metadata);
  return {
    name: name ?? '',
    uid: uid ?? '',
    labels: readLabels(raw).labels,
    fenced: labels !== undefined && Object.hasOwn(labels, fenceMark),
    ...(trialUntil === undefined ? {} : { trialUntil }),
    terminating: deletionTimestamp !== undefined || raw.status?.phase === 'Terminating',
  };
}
