import type { Path } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import { apiVersionOf, getKind } from '../kubernetes/kinds.ts';
import { isObject, own } from '../kubernetes/raw-object.ts';
import type { LabelFix } from '../policy/check.ts';
import { isSubject, readSubject, type SubjectKind } from '../policy/subject.ts';

/** A field that is not what its Kubernetes type says, and for a label the value that was evidently meant. */
export interface Misread {
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: LabelFix | undefined;
}

/**
 * Reads what YAML took for a boolean or a number as the text that was meant (`expose: true`, `team: 42`), so that the checks can judge the
 * rest, and names each. Stops at what cannot be read so: `readSubject` says it then. The given object is not changed.
 */
export function readAsText(
  kind: SubjectKind,
  given: unknown,
): { readonly object: unknown; readonly misreads: readonly Misread[] } {
  const misreads = [...missingVersion(kind, given), ...wrongNamespace(given)];
  let object = given;
  // Each turn mends one field; an object of more wrong ones is rubbish, and enough has been said of it.
  for (let turn = 0; turn < 100; turn += 1) {
    const read = readSubject(kind, object, { operation: 'CREATE', namespace: undefined, facts: undefined });
    if (isSubject(read)) break;
    const path = findField(object, read.field);
    const value = valueAt(object, path);
    const key = path.at(-1);
    if (typeof key !== 'string' || path.join('.') !== read.field) break;
    if (value === null) {
      // The API server reads a null label as the empty text.
      object = withValue(object, path, '');
    } else if (typeof value === 'boolean' || typeof value === 'number') {
      const label = path.at(-2) === 'labels';
      const fix = label ? { key, value: String(value) } : undefined;
      misreads.push({ field: read.field, found: `a ${read.found} (${value})`, expected: read.expected, fix });
      object = withValue(object, path, String(value));
    } else break;
  }
  return { object, misreads };
}

function missingVersion(kind: SubjectKind, object: unknown): Misread[] {
  if (typeof own(object, 'apiVersion') === 'string') return [];
  const expected = apiVersionOf(getKind(kind));
  return [
    {
      field: 'apiVersion',
      found: own(object, 'apiVersion') === undefined ? 'missing' : 'no text',
      expected,
      fix: undefined,
    },
  ];
}

function wrongNamespace(object: unknown): Misread[] {
  const namespace = own(own(object, 'metadata'), 'namespace');
  if (namespace === undefined || namespace === null || typeof namespace === 'string') return [];
  return [
    { field: 'metadata.namespace', found: `a ${typeof namespace}`, expected: 'a string (quote it)', fix: undefined },
  ];
}

function valueAt(object: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => own(value, String(step)), object);
}

/** A copy in which one value is another; the mappings on the way are copied, the rest is shared. */
function withValue(object: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined || !isObject(object)) return value;
  const entries = Object.entries(object).map(([key, old]) => [key, key === step ? withValue(old, rest, value) : old]);
  return Object.fromEntries(entries) as unknown;
}
