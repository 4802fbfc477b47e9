import { denyAllSpec } from '../baseline/deny-all.ts';
import { isSameSpec } from '../baseline/equality.ts';
import { configVersionAnnotation, denyAllName, managedByLabel } from '../baseline/names.ts';
import { own } from '../kubernetes/raw-object.ts';
import type { StoredObject } from './ports.ts';

/** The field managers that are us: the process, and these commands. */
const ours: readonly string[] = ['ringfence', 'ringfence-cli'];

/** Who has a say in an object of the baseline. */
export interface Ownership {
  /** We manage its specification, and nobody else does: what is so may be deleted. */
  readonly isOurs: boolean;
  /** The others that manage its specification, each once. */
  readonly others: readonly string[];
}

/**
 * Reads metadata.managedFields: whoever has `f:spec`, or a field under it, manages the
 * specification (Argo CD, Flux, kubectl, a person).
 */
export function ownershipOf(policy: StoredObject): Ownership {
  const managers = managersOf(policy, ['f:spec']);
  const others = managers.filter((manager) => !ours.includes(manager));
  return { isOurs: others.length === 0 && managers.length > 0, others };
}

/**
 * Whether an object still denies traffic as a baseline of ours, whoever manages it now: it has the
 * specification of the wall, or we have a say in its specification, or it carries our label or
 * annotation.
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
 * The merge patch of metadata that takes our label and annotation off an object that stays;
 * undefined where it carries none that is ours.
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
 * The field managers of a field, each once, in order; the path is that of fieldsV1 (`f:metadata`,
 * `f:labels`, …).
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
 * Nobody else has a say in a label or annotation. (Where nobody is known to have one, its value
 * speaks.)
 */
function isOurField(policy: StoredObject, map: 'f:labels' | 'f:annotations', key: string): boolean {
  return managersOf(policy, ['f:metadata', map, `f:${key}`]).every((manager) => ours.includes(manager));
}
