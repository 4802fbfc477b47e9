import { apiVersionOf, findKind, getKind, groupVersionOf, kindOf } from '../kubernetes/kinds.ts';
import { own, type Unreadable } from '../kubernetes/raw-object.ts';
import type { SubjectKind } from '../policy/subject.ts';

/** The kind by which a document is judged; undefined for what nobody judges. */
export function subjectKindOf(object: unknown): SubjectKind | undefined {
  const kind = own(object, 'kind');
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string') return undefined;
  // Without an apiVersion nothing can be applied; the object is judged as what it evidently is, and
  // the field is a finding.
  if (typeof apiVersion !== 'string') return findKind(kind)?.kind;
  return kindOf({ ...groupVersionOf(apiVersion), kind })?.kind;
}

/** The problem of an object without a text for its `apiVersion`. */
export function missingVersion(kind: SubjectKind, object: unknown): Unreadable[] {
  const apiVersion = own(object, 'apiVersion');
  if (typeof apiVersion === 'string') return [];
  const found = apiVersion === undefined ? 'missing' : 'no text';
  return [{ field: 'apiVersion', found, expected: apiVersionOf(getKind(kind)) }];
}

/** The problem of a namespace's name that is no text. */
export function wrongNamespace(object: unknown): Unreadable[] {
  const namespace = own(own(object, 'metadata'), 'namespace');
  if (namespace === undefined || namespace === null || typeof namespace === 'string') return [];
  return [{ field: 'metadata.namespace', found: `a ${typeof namespace}`, expected: 'a string (quote it)' }];
}

/** What a document is, for the count of what was passed over: `v1 Service`. */
export function describe(object: unknown): string {
  const kind = own(object, 'kind');
  const apiVersion = own(object, 'apiVersion');
  if (typeof kind !== 'string' || kind === '') return 'no Kubernetes object';
  return typeof apiVersion === 'string' ? `${apiVersion} ${kind}` : kind;
}
