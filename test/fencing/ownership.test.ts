import { describe, expect, it } from 'vitest';
import { managersOf, ownershipOf, releaseOf } from '../../src/fencing/ownership.ts';

const spec = { 'f:spec': { 'f:podSelector': {} } };
const labelled = { 'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/managed-by': {} } } };
const entry = (manager: string, fieldsV1: object) => ({ manager, operation: 'Apply', fieldsV1 });

function policy(managedFields: unknown, more: object = {}) {
  return { metadata: { name: 'deny-all-baseline', ...more, managedFields } };
}

describe('the owner of a baseline', () => {
  it.each<[string, unknown, boolean, readonly string[]]>([
    ['Ringfence alone', [entry('ringfence', spec)], true, []],
    ['Ringfence and its command line', [entry('ringfence', spec), entry('ringfence-cli', labelled)], true, []],
    ['Git alone', [entry('argocd-controller', spec)], false, ['argocd-controller']],
    ['both', [entry('ringfence', spec), entry('flux', { 'f:spec': { 'f:egress': {} } })], false, ['flux']],
    ['someone who labelled it', [entry('ringfence', spec), entry('kubectl-label', labelled)], true, []],
    ['two others', [entry('b', spec), entry('a', spec), entry('b', spec)], false, ['a', 'b']],
    ['nobody known', [entry('ringfence', labelled)], false, []],
    ['no record', undefined, false, []],
    ['a record that is none', [null, 1, { fieldsV1: spec }, { manager: 3, fieldsV1: spec }], false, []],
  ])('%s', (_, managedFields, isOurs, others) => {
    expect(ownershipOf(policy(managedFields))).toEqual({ isOurs, others });
  });

  it('is looked up by own property: a field called constructor is a field', () => {
    expect(managersOf(policy([entry('a', {})]), ['f:spec', 'constructor'])).toEqual([]);
    expect(managersOf(policy([entry('a', {})]), ['constructor'])).toEqual([]);
  });
});

describe('what is taken off a baseline that stays', () => {
  const annotated = { 'f:metadata': { 'f:annotations': { 'f:ringfence.dev/config-version': {} } } };
  const carried = {
    labels: { env: 'prod', 'app.kubernetes.io/managed-by': 'ringfence' },
    annotations: { 'ringfence.dev/config-version': '7', other: '' },
  };
  const label = { labels: { 'app.kubernetes.io/managed-by': null } };
  const annotation = { annotations: { 'ringfence.dev/config-version': null } };

  it.each<[string, unknown, object, object | undefined]>([
    [
      'both, where they are ours',
      [entry('ringfence', { ...labelled, ...annotated })],
      carried,
      { ...label, ...annotation },
    ],
    [
      'not the label that others manage too',
      [entry('ringfence', annotated), entry('helm', labelled)],
      carried,
      annotation,
    ],
    ['not the annotation that others manage', [entry('helm', annotated)], carried, label],
    ['not a label with the value of others', [], { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, undefined],
    ['nothing where there is nothing', [], {}, undefined],
  ])('%s', (_, managedFields, metadata, patch) => {
    expect(releaseOf(policy(managedFields, metadata))).toEqual(patch);
  });
});
