import { apiVersionOf, expectedVersion, findKind, getKind, kindOf } from '../kubernetes/kinds.ts';
import { findByKind, type OtherWorkload } from '../kubernetes/other-workloads.ts';
import { podTemplatesOf, typeOf } from '../kubernetes/pod-templates.ts';
import { own, type Unreadable } from '../kubernetes/raw-object.ts';
import type { ReadableKind } from '../policy/subject.ts';

/**
 * The kinds by which a document is judged: one of Kubernetes or of the given workloads, or else one
 * for each pod template that it has. Empty for other kinds, which are not judged.
 */
export function readableKindsOf(object: unknown, workloads: readonly OtherWorkload[]): readonly ReadableKind[] {
  const kind = own(object, 'kind');
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string') return [];
  // An object with no apiVersion or a wrong one cannot be applied. It is judged as the kind that it
  // evidently is, and the field is a finding.
  if (typeof apiVersion !== 'string' || expectedVersion(typeOf(object)) !== undefined)
    return [findKind(kind)].flatMap((known) => known?.kind ?? []);
  const type = typeOf(object);
  const known = kindOf(type)?.kind ?? findByKind(type, workloads);
  if (known !== undefined) return [known];
  return podTemplatesOf(object, workloads).map(({ path }) => ({ kind, template: path }));
}

/** The problem of an object whose `apiVersion` is missing, not a text, or of no served version. */
export function wrongVersion(kind: ReadableKind, object: unknown): Unreadable[] {
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string') return [];
  const expected = apiVersionOf(getKind(kind));
  if (apiVersion === expected) return [];
  const found = apiVersion === undefined ? 'missing' : typeof apiVersion === 'string' ? quote(apiVersion) : 'no text';
  return [{ field: 'apiVersion', found, expected }];
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60));
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
