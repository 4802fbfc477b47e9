import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { fenceMark } from '../policy/mode.ts';

/**
 * What the baseline asks about a namespace; small enough to keep for every namespace of a cluster.
 */
export interface NamespaceView {
  readonly name: string;
  /** Changes when a namespace is created again under its old name. */
  readonly uid: string;
  readonly labels: Labels;
  /** Whether it carries the mark: its key, whatever its value. */
  readonly fenced: boolean;
  /** Whether its deletion has begun. Nothing can be created in it any more. */
  readonly terminating: boolean;
}

/** Whether the baseline of a namespace is guaranteed: it carries the mark, and it may. */
export function needsBaseline(
  { name, fenced }: Pick<NamespaceView, 'name' | 'fenced'>,
  { neverFenced }: Pick<Config, 'neverFenced'>,
): boolean {
  return fenced && !neverFenced.includes(name);
}

/** Reads a core/v1 Namespace as the API server sends it, whole or metadata only. */
export function readNamespace(raw: RawNamespace): NamespaceView {
  const { name, uid, labels, deletionTimestamp } = raw.metadata;
  return {
    name: name ?? '',
    uid: uid ?? '',
    labels: readLabels(raw).labels,
    fenced: labels !== undefined && Object.hasOwn(labels, fenceMark),
    terminating: deletionTimestamp !== undefined || raw.status?.phase === 'Terminating',
  };
}
