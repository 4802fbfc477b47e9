import type { LoadedDocument } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import { wrongMetadata, wrongNames } from '../kubernetes/metadata.ts';
import { type FieldProblem, own, type Unreadable, valueAt } from '../kubernetes/raw-object.ts';
import { readPolicy } from '../network/read.ts';
import type { Finding } from '../policy/check.ts';
import { shortField } from '../policy/opening.ts';
import { readable } from '../policy/readable.ts';
import { nameOfKind, type ReadableKind, templatePathIn } from '../policy/subject.ts';
import { isAllowedValue, type Taxonomy } from '../policy/taxonomy.ts';

// What the API server refuses of an object before it calls any webhook.

/** More problems of one object are counted, because one mistake in a template may repeat. */
const shownLimit = 20;

/**
 * Returns what the API server refuses in the metadata of an object and its pod template, and in the
 * specification of a NetworkPolicy.
 */
export function findMalformed(kind: ReadableKind, document: LoadedDocument): readonly Finding[] {
  const { object } = document;
  const path = templatePathIn(kind);
  const prefix = path.length === 0 ? undefined : `${path.join('.')}.`;
  const problems = [
    ...wrongNames(object, kind === 'Namespace'),
    ...wrongMetadata(object),
    ...(prefix === undefined ? [] : wrongMetadata(valueAt(object, ...path), prefix)),
    ...(kind === 'NetworkPolicy' ? wrongSpecification(own(object, 'spec')) : []),
  ];
  const findings = problems.slice(0, shownLimit).map((problem) => malformed(problem, document));
  const left = problems.length - findings.length;
  if (left === 0) return findings;
  const field = problems[shownLimit]?.field ?? '';
  return [...findings, finding(field, nameOfKind(kind), `has ${left} more such problems`)];
}

function wrongSpecification(spec: unknown): readonly FieldProblem[] {
  const read = readPolicy(spec, { namespace: '', name: '' });
  if ('policy' in read) return read.refused;
  // A specification that is too large is not decided, by a check.
  return read.isTooLarge ? [] : read.problems;
}

function malformed({ field, message, unquoted }: FieldProblem, { object, writtenAt }: LoadedDocument): Finding {
  const written = unquoted ? writtenAt(findField(object, field)) : undefined;
  const reason = written === undefined ? message : `must be a string; quote it: ${JSON.stringify(written)}`;
  return { ...finding(field, shortField(field), reason), found: reason };
}

function finding(field: string, subject: string, reason: string): Finding {
  return { check: readable.id, field, subject, found: undefined, reason, action: 'deny', because: 'cluster' };
}

/** A label or a name that is a boolean or a number, and the text that is meant. */
export interface Meant {
  readonly finding: Finding;
  readonly label: string | undefined;
  readonly text: string | undefined;
}

/**
 * Returns the finding for a field that does not have its Kubernetes type. If it is a label, the fix
 * is the text in the file: `0777` is meant, where YAML reads the number 511. Of `yes`, which YAML
 * reads as true, the vocabulary of the key decides which of the two is meant.
 */
export function meantBy(problem: Unreadable, { object, writtenAt }: LoadedDocument, taxonomy: Taxonomy): Meant {
  const { field, found, expected, label, text } = problem;
  const isScalar = text !== undefined;
  const written = (isScalar ? writtenAt(findField(object, field)) : undefined) ?? text;
  const key = label === undefined ? undefined : taxonomy.keys.get(label);
  const isOther = key !== undefined && isScalar && written !== undefined && !isAllowedValue(key, written);
  const meant = isOther && isAllowedValue(key, text) ? text : written;
  const what = isScalar ? `a ${found} (${written})` : found;
  const fix = label === undefined || meant === undefined ? {} : { fix: { key: label, value: meant } };
  return {
    finding: { ...finding(field, label ?? field, `is ${what} where ${expected} belongs`), found: what, ...fix },
    label,
    text: meant,
  };
}
