import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import { own } from '../kubernetes/raw-object.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import type { Taxonomy } from '../policy/taxonomy.ts';
import { isSameSpec, type Unvalidated } from './equality.ts';
import { configVersionAnnotation, managedByLabel } from './names.ts';
import { hasTrial, readTrial } from './trial.ts';

/** A reason why an object of the baseline is not correct. */
export type Drift = 'missing' | 'spec' | 'labels' | 'trial' | 'owner-references' | 'terminating';

/**
 * Returns what is wrong with an object of the baseline; empty if nothing is. These count: the
 * specification, the identity labels (one that differs from the namespace, and one that the
 * namespace does not have), the trial of the namespace, any ownerReference (the garbage collector
 * may delete the object), and a deletion that has begun. Labels, annotations and field managers of
 * others do not count.
 */
export function driftOf(actual: Unvalidated | undefined, desired: NetworkPolicy, taxonomy: Taxonomy): readonly Drift[] {
  return findDrift(actual, desired.spec, readTrial(desired.metadata), labelOf(desired), taxonomy);
}

/**
 * Whether an object of the baseline has no {@link driftOf drift}. It does not need the desired
 * object, only the part of the baseline, and the labels and the trial of the namespace.
 */
export function isTrue(
  actual: Unvalidated | undefined,
  { spec, labels: own = {} }: { readonly spec: NetworkPolicySpec; readonly labels?: Readonly<Record<string, string>> },
  { labels, trialUntil }: { readonly labels: Labels; readonly trialUntil?: string },
  taxonomy: Taxonomy,
): boolean {
  return findDrift(actual, spec, trialUntil, (key) => own[key] ?? labels.get(key), taxonomy).length === 0;
}

/** Whether the identity labels of an object are those of its namespace. Other labels may differ. */
export function hasIdentity(actual: Unvalidated, labels: Labels, taxonomy: Taxonomy): boolean {
  return wrongLabels(actual, (key) => labels.get(key), taxonomy).length === 0;
}

/**
 * Returns the changes after which an object carries the desired identity labels: a value to set a
 * label, null to remove it (RFC 7386).
 */
export function labelChanges(
  actual: Unvalidated,
  desired: NetworkPolicy,
  taxonomy: Taxonomy,
): Readonly<Record<string, string | null>> {
  const wanted = labelOf(desired);
  return Object.fromEntries(wrongLabels(actual, wanted, taxonomy).map((key) => [key, wanted(key) ?? null]));
}

/** Returns the value that an identity label must have; undefined if it must be absent. */
type WantedLabel = (key: string) => string | undefined;

function labelOf({ metadata }: NetworkPolicy): WantedLabel {
  return (key) => own(metadata.labels, key) as string | undefined;
}

function findDrift(
  actual: Unvalidated | undefined,
  spec: NetworkPolicySpec | undefined,
  trialUntil: string | undefined,
  wanted: WantedLabel,
  taxonomy: Taxonomy,
): readonly Drift[] {
  if (actual === undefined) return ['missing'];
  const drift: Drift[] = [];
  if (!isSameSpec(own(actual, 'spec'), spec)) drift.push('spec');
  if (wrongLabels(actual, wanted, taxonomy).length > 0) drift.push('labels');
  if (!hasTrial(actual, trialUntil)) drift.push('trial');
  if (hasOwnerReferences(actual)) drift.push('owner-references');
  if (isTerminating(actual)) drift.push('terminating');
  return drift;
}

/** Returns the keys of the identity labels that differ from the wanted ones. */
function wrongLabels(actual: Unvalidated, wanted: WantedLabel, { keys }: Taxonomy): readonly string[] {
  const found = own(own(actual, 'metadata'), 'labels');
  const wrong: string[] = [];
  for (const key of keys.keys()) if (own(found, key) !== wanted(key)) wrong.push(key);
  return wrong;
}

/** Whether an object has an owner, so that the garbage collector may delete it. */
export function hasOwnerReferences(actual: Unvalidated): boolean {
  const references = own(own(actual, 'metadata'), 'ownerReferences') ?? [];
  return !Array.isArray(references) || references.length > 0;
}

/** Whether the deletion of an object has begun (meta/v1 ObjectMeta.deletionTimestamp). */
export function isTerminating(actual: Unvalidated): boolean {
  return (own(own(actual, 'metadata'), 'deletionTimestamp') ?? undefined) !== undefined;
}

/**
 * Whether the annotation of an object names a newer configuration than this process has. Anyone can
 * edit an annotation, so a version counts only up to the object's own resourceVersion: the
 * configuration was read before the object was written, and both versions come from one store. A
 * version that cannot be read does not count. An object that was restored from another cluster, or
 * applied from Git, may still name too high a version: see {@link isForged}.
 */
export function isNewer(actual: Unvalidated, config: Pick<Config, 'version'>): boolean {
  const metadata = own(actual, 'metadata');
  const claimed = readResourceVersion(own(own(metadata, 'annotations'), configVersionAnnotation));
  const written = readResourceVersion(own(metadata, 'resourceVersion'));
  const ours = readResourceVersion(config.version);
  if (claimed === undefined || written === undefined || ours === undefined) return false;
  return claimed > ours && claimed <= written;
}

/**
 * Whether the annotation of an object names a version that no configuration of this cluster has
 * had: a version above the live one.
 * @param liveVersion must be read after the object, because resourceVersions only grow
 */
export function isForged(actual: Unvalidated, liveVersion: string): boolean {
  const claimed = readResourceVersion(own(own(own(actual, 'metadata'), 'annotations'), configVersionAnnotation));
  const live = readResourceVersion(liveVersion);
  return claimed !== undefined && live !== undefined && claimed > live;
}

/**
 * Whether Ringfence made an object that now has another specification. It is asked about parts that
 * are withdrawn: an object of that name that Ringfence did not make is a user's.
 */
export function isLeftOver(actual: Unvalidated | undefined, spec: NetworkPolicySpec): boolean {
  if (actual === undefined || isTerminating(actual)) return false;
  const metadata = own(actual, 'metadata');
  const isOurs =
    own(own(metadata, 'labels'), managedByLabel) === 'ringfence' &&
    own(own(metadata, 'annotations'), configVersionAnnotation) !== undefined;
  return isOurs && !isSameSpec(own(actual, 'spec'), spec);
}
