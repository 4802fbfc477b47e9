import { denyAllSpec } from '../baseline/deny-all.ts';
import { isSameSpec } from '../baseline/equality.ts';
import { configVersionAnnotation, denyAllName, managedByLabel } from '../baseline/names.ts';
import { own } from '../kubernetes/raw-object.ts';
import type { StoredObject } from './ports.ts';

/** The field managers of Ringfence: the process and these commands. */
const ours: readonly string[] = ['ringfence', 'ringfence-cli'];

/** Who manages the specification of an object of the baseline. */
export interface Ownership {
  /** Whether Ringfence alone manages the specification. Only then may the object be deleted. */
  readonly isOurs: boolean;
  /** The other managers of the specification, each once. */
  readonly others: readonly string[];
}

/**
 * Reads metadata.managedFields. A manager of `f:spec`, or of a field under it, manages the
 * specification (Argo CD, Flux, kubectl, a person).
 */
export function ownershipOf(policy: StoredObject): Ownership {
  const managers = managersOf(policy, ['f:spec']);
  const others = managers.filter((manager) => !ours.includes(manager));
  return { isOurs: others.length === 0 && managers.length > 0, others };
}

/**
 * Whether an object belongs to a baseline of Ringfence, whoever manages it now. It does if it has
 * the wall's name and specification, if Ringfence manages its specification, or if it carries
 * Ringfence's label or annotation.
 */
export function isOfBaseline(policy: StoredObject): boolean {
  const { name, labels, annotations } = policy.metadata;
  return (
    (name === denyAllName && isSameSpec(own(policy, 'spec'), denyAllSpec)) ||
    managersOf(policy, ['f:spec']).some((manager) => ours.includes(manager)) ||
    own(labels, managedByLabel) === 'ringfence' ||
    own(annotations, configVersionAnnotation) !== undefined
  );
}

/**
 * Returns the merge patch of metadata that removes Ringfence's label and annotation from an object
 * that stays; undefined if the object has neither, or if others manage them too.
 */
export function releaseOf(policy: StoredObject): Readonly<Record<string, unknown>> | undefined {
  const { labels, annotations } = policy.metadata;
  const label = own(labels, managedByLabel) === 'ringfence' && isOurField(policy, 'f:labels', managedByLabel);
  const annotation =
    own(annotations, configVersionAnnotation) !== undefined &&
    isOurField(policy, 'f:annotations', configVersionAnnotation);
  if (!label && !annotation) return undefined;
  return {
    ...(label ? { labels: { [managedByLabel]: null } } : {}),
    ...(annotation ? { annotations: { [configVersionAnnotation]: null } } : {}),
  };
}

/**
 * Returns the field managers of a field, each once, sorted. The path has the steps of fieldsV1
 * (`f:metadata`, `f:labels`, …).
 */
export function managersOf(object: StoredObject, path: readonly string[]): readonly string[] {
  const entries = own(object.metadata, 'managedFields');
  if (!Array.isArray(entries)) return [];
  const names = entries.flatMap((entry: unknown) => {
    let field = own(entry, 'fieldsV1');
    for (const step of path) field = own(field, step);
    const manager = own(entry, 'manager');
    return field === undefined || typeof manager !== 'string' ? [] : [manager];
  });
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Whether nobody else manages a label or annotation. A field without a known manager counts as
 * Ringfence's, because its value says so.
 */
function isOurField(policy: StoredObject, map: 'f:labels' | 'f:annotations', key: string): boolean {
  return managersOf(policy, ['f:metadata', map, `f:${key}`]).every((manager) => ours.includes(manager));
}
