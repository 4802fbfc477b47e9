import { readLabels } from './labels.ts';
import { type FieldProblem, isObject, own, unreadable } from './raw-object.ts';
import { wrongLabelKey, wrongLabelValue, wrongNamespaceName, wrongObjectName } from './syntax.ts';

/**
 * Returns what the API server refuses in the names of an object (k8s.io/apimachinery
 * pkg/api/validation ValidateObjectMeta). A name that is no text is not judged here.
 */
export function wrongNames(object: unknown, isNamespace: boolean): readonly FieldProblem[] {
  const metadata = own(object, 'metadata');
  const wrongName = isNamespace ? wrongNamespaceName : wrongObjectName;
  // A generated name goes on after a "-" at its end.
  const wrongPrefix = (prefix: string) => wrongName(prefix.replace(/-$/, 'a'));
  const rows = [
    ['name', wrongName],
    ['generateName', wrongPrefix],
    ['namespace', isNamespace ? undefined : wrongNamespaceName],
  ] as const;
  return rows.flatMap(([field, wrong]) => {
    const value = own(metadata, field);
    const message = typeof value === 'string' && value !== '' ? wrong?.(value) : undefined;
    return message === undefined ? [] : [{ field: `metadata.${field}`, message }];
  });
}

/**
 * Returns what the API server refuses in the labels and annotations of an object or a pod template.
 * The prefix stands before every field. A label that is no text is not judged here.
 */
export function wrongMetadata(holder: unknown, prefix = ''): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (field: string, message: string | undefined) => {
    if (message !== undefined) problems.push({ field: `${prefix}metadata.${field}`, message });
  };
  for (const [key, value] of readLabels(holder).labels) {
    add(`labels.${key}`, wrongLabelKey(key));
    add(`labels.${key}`, wrongLabelValue(value));
  }
  const annotations = own(own(holder, 'metadata'), 'annotations');
  if (annotations === undefined || annotations === null) return problems;
  if (!isObject(annotations)) add('annotations', 'must be an object');
  else {
    for (const [key, value] of Object.entries(annotations)) {
      // ValidateAnnotations: the letters may be of any case.
      add(`annotations.${key}`, wrongLabelKey(key.toLowerCase()));
      if (typeof value !== 'string' && value !== null)
        add(`annotations.${key}`, `must be a string, and is ${unreadable('', value, '').found}; quote it`);
    }
  }
  return problems;
}
