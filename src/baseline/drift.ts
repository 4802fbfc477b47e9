import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../kubernetes/network-policy.ts';
import { own } from '../kubernetes/raw-object.ts';
import type { Taxonomy } from '../policy/taxonomy.ts';
import { isSameSpec, type Unvalidated } from './equality.ts';
import { configVersionAnnotation } from './names.ts';

/** A way in which an object of the baseline is not what it must be. */
export type Drift = 'missing' | 'spec' | 'labels' | 'owner-references' | 'terminating';

/**
 * What is wrong with a baseline object; empty where nothing is. Only what matters counts: the
 * specification, the identity labels (one that the namespace does not have is as wrong as one that
 * differs), any ownerReference (it hands the object to the garbage collector), and a deletion under
 * way. Labels, annotations and field managers of others do not.
 */
export function driftOf(actual: Unvalidated | undefined, desired: NetworkPolicy, taxonomy: Taxonomy): readonly Drift[] {
  return findDrift(actual, desired.spec, labelOf(desired), taxonomy);
}

/**
 * Whether an object of the baseline has no {@link driftOf drift}, without building the desired
 * object.
 */
export function isTrue(
  actual: Unvalidated | undefined,
  spec: NetworkPolicySpec,
  labels: Labels,
  taxonomy: Taxonomy,
): boolean {
  return findDrift(actual, spec, (key) => labels.get(key), taxonomy).length === 0;
}

/**
 * Whether an object carries exactly a namespace's identity labels, among whatever else it carries.
 */
export function hasIdentity(actual: Unvalidated, labels: Labels, taxonomy: Taxonomy): boolean {
  return wrongLabels(actual, (key) => labels.get(key), taxonomy).length === 0;
}

/**
 * The identity labels to write so that an object carries the desired ones: a value to set, null to
 * take away (RFC 7386).
 */
export function labelChanges(
  actual: Unvalidated,
  desired: NetworkPolicy,
  taxonomy: Taxonomy,
): Readonly<Record<string, string | null>> {
  const wanted = labelOf(desired);
  return Object.fromEntries(wrongLabels(actual, wanted, taxonomy).map((key) => [key, wanted(key) ?? null]));
}

/** The value that an identity label must have; undefined where it must not be there. */
type WantedLabel = (key: string) => string | undefined;

function labelOf({ metadata }: NetworkPolicy): WantedLabel {
  return (key) => own(metadata.labels, key) as string | undefined;
}

function findDrift(
  actual: Unvalidated | undefined,
  spec: NetworkPolicySpec | undefined,
  wanted: WantedLabel,
  taxonomy: Taxonomy,
): readonly Drift[] {
  if (actual === undefined) return ['missing'];
  const drift: Drift[] = [];
  if (!isSameSpec(own(actual, 'spec'), spec)) drift.push('spec');
  if (wrongLabels(actual, wanted, taxonomy).length > 0) drift.push('labels');
  if (hasOwnerReferences(actual)) drift.push('owner-references');
  if (isTerminating(actual)) drift.push('terminating');
  return drift;
}

/** The identity labels that an object does not carry as they must be. */
function wrongLabels(actual: Unvalidated, wanted: WantedLabel, { keys }: Taxonomy): readonly string[] {
  const found = own(own(actual, 'metadata'), 'labels');
  const wrong: string[] = [];
  for (const key of keys.keys()) if (own(found, key) !== wanted(key)) wrong.push(key);
  return wrong;
}

/** Whether an object is owned by another, so that the garbage collector may delete it. */
export function hasOwnerReferences(actual: Unvalidated): boolean {
  const references = own(own(actual, 'metadata'), 'ownerReferences') ?? [];
  return !Array.isArray(references) || references.length > 0;
}

/** Whether an object's deletion has begun (meta/v1 ObjectMeta.deletionTimestamp). */
export function isTerminating(actual: Unvalidated): boolean {
  return (own(own(actual, 'metadata'), 'deletionTimestamp') ?? undefined) !== undefined;
}

/**
 * Whether an object claims that a newer configuration than ours wrote it. Annotations are anyone's
 * to edit, so a claim counts only up to the object's own resourceVersion: a configuration that was
 * read before the object was written has a lower one, in the same store. What cannot be read claims
 * nothing. An object that was restored from another cluster, or applied from Git, may still claim
 * too much: see {@link isForged}.
 */
export function isNewer(actual: Unvalidated, config: Pick<Config, 'version'>): boolean {
  const metadata = own(actual, 'metadata');
  const claimed = readVersion(own(own(metadata, 'annotations'), configVersionAnnotation));
  const written = readVersion(own(metadata, 'resourceVersion'));
  const ours = readVersion(config.version);
  if (claimed === undefined || written === undefined || ours === undefined) return false;
  return claimed > ours && claimed <= written;
}

/**
 * Whether an object claims a version that no configuration of this cluster can have had: a version
 * above the live one.
 * @param liveVersion read after the object was; resourceVersions of one store only grow
 */
export function isForged(actual: Unvalidated, liveVersion: string): boolean {
  const claimed = readVersion(own(own(own(actual, 'metadata'), 'annotations'), configVersionAnnotation));
  const live = readVersion(liveVersion);
  return claimed !== undefined && live !== undefined && claimed > live;
}

// A resourceVersion is an unsigned 64-bit number: 20 digits. Longer text is not parsed: it may be
// 256 KiB long.
const versionText = /^\d{1,20}$/;

function readVersion(text: unknown): bigint | undefined {
  return typeof text === 'string' && versionText.test(text) ? BigInt(text) : undefined;
}
