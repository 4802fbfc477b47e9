// Rule: a Namespace, Pod, pod template or NetworkPolicy carries every label key that the taxonomy
// requires of its role. Restricted field: metadata.labels, in a workload those of its pod template.
// Allowed: the key is present, with any value (label-values judges the value).

import type { LabelFix, ObjectCheck, Violation } from '../check.ts';
import { nearest } from '../spelling.ts';
import type { Subject } from '../subject.ts';
import { isAllowedValue, type Taxonomy, type TaxonomyKey } from '../taxonomy.ts';

export const requiredLabels: ObjectCheck = {
  id: 'required-labels',
  rule: 'A Namespace, Pod, pod template or NetworkPolicy carries every label that the taxonomy requires of it.',
  remedy: 'Add the missing labels; in a workload, to its pod template.',
  kinds: ['Namespace', 'Pod', 'NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, { taxonomy }) {
    return taxonomy.required[subject.role]
      .filter((name) => !subject.labels.has(name))
      .map((name): Violation => {
        const key = taxonomy.keys.get(name);
        return {
          field: `${subject.labelsField}.${name}`,
          subject: name,
          found: undefined,
          reason: `missing; ${whatItWouldBe(subject, name, key, taxonomy)}`,
          ...fixFor(subject, key),
        };
      });
  },
};

function whatItWouldBe(subject: Subject, name: string, key: TaxonomyKey | undefined, taxonomy: Taxonomy): string {
  const misspelt = nearest(
    name,
    [...subject.labels.keys()].filter((label) => !taxonomy.keys.has(label)),
  );
  if (misspelt !== undefined) return `"${misspelt}" is there: is ${name} meant?`;
  const said = namespaceSays(subject, key);
  if (said !== undefined) return `namespace ${subject.namespace} says ${name}=${said}`;
  return key?.hint ?? vocabulary(key);
}

function vocabulary(key: TaxonomyKey | undefined): string {
  if (key?.values !== undefined) return `one of ${key.values.join(', ')}`;
  return key?.patternText ?? 'any value';
}

function fixFor(subject: Subject, key: TaxonomyKey | undefined): { fix: LabelFix } | Record<never, never> {
  const value = namespaceSays(subject, key) ?? key?.suggest;
  // A value of the namespace that is outside the vocabulary is no label to copy.
  return key === undefined || value === undefined || !isAllowedValue(key, value)
    ? {}
    : { fix: { key: key.key, value } };
}

function namespaceSays(subject: Subject, key: TaxonomyKey | undefined): string | undefined {
  return key?.agrees && subject.facts?.known ? subject.facts.labels.get(key.key) : undefined;
}
