import { apiVersionOf, findKind, getKind, groupVersionOf, kindOf } from '../kubernetes/kinds.ts';
import { findByKind, type OtherWorkload } from '../kubernetes/other-workloads.ts';
import { own, type Unreadable } from '../kubernetes/raw-object.ts';
import type { ReadableKind } from '../policy/subject.ts';

/**
 * The kind by which a document is judged, of Kubernetes or of the given workloads. Undefined for
 * other kinds, which are not judged.
 */
export function readableKindOf(object: unknown, workloads: readonly OtherWorkload[]): ReadableKind | undefined {
  const kind = own(object, 'kind');
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string') return undefined;
  // An object without an apiVersion cannot be applied. It is judged as the kind that it evidently
  // is, and the missing field is a finding.
  if (typeof apiVersion !== 'string') return findKind(kind)?.kind;
  const type = { ...groupVersionOf(apiVersion), kind };
  return kindOf(type)?.kind ?? findByKind(type, workloads);
}

/** The problem of an object whose `apiVersion` is missing or not a text. */
export function missingVersion(kind: ReadableKind, object: unknown): Unreadable[] {
  const apiVersion = own(object, 'apiVersion');
  if (typeof apiVersion === 'string' || typeof kind !== 'string') return [];
  const found = apiVersion === undefined ? 'missing' : 'no text';
  return [{ field: 'apiVersion', found, expected: apiVersionOf(getKind(kind)) }];
}

/** The problem of a namespace's name that is not a text. */
export function wrongNamespace(object: unknown): Unreadable[] {
  const namespace = own(own(object, 'metadata'), 'namespace');
  if (namespace === undefined || namespace === null || typeof namespace === 'string') return [];
  return [{ field: 'metadata.namespace', found: `a ${typeof namespace}`, expected: 'a string (quote it)' }];
}

/** The type of a document, for the count of skipped documents: `v1 Service`. */
export function describe(object: unknown): string {
  const kind = own(object, 'kind');
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string' || kind === '') return 'no Kubernetes object';
  return typeof apiVersion === 'string' ? `${apiVersion} ${kind}` : kind;
}
