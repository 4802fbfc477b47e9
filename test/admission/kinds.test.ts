import { describe, expect, it } from 'vitest';
import { isBinding, judgedKind, judgedResources } from '../../src/admission/kinds.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { isSubjectKind, workloadKinds } from '../../src/policy/subject.ts';

describe('the judged resources', () => {
  it('are exactly the kinds that the checks speak of', () => {
    const kinds = judgedResources.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(checks.flatMap((check) => check.kinds)));
    expect(kinds.every(isSubjectKind)).toBe(true);
    expect(kinds).toHaveLength(new Set(kinds).size);
  });

  it('have every workload under the workloads entry', () => {
    const workloads = judgedResources.filter(({ entry }) => entry === 'workloads').map(({ kind }) => kind);
    expect(new Set(workloads)).toEqual(new Set(workloadKinds));
  });
});

describe('judgedKind', () => {
  it.each(judgedResources)('knows $kind of "$group"', ({ group, version, kind }) => {
    expect(judgedKind({ group, version, kind })).toBe(kind);
  });

  it('takes a missing group for the core group', () => {
    expect(judgedKind({ version: 'v1', kind: 'Pod' })).toBe('Pod');
  });

  it.each([
    ['another group', { group: 'extensions', version: 'v1', kind: 'Deployment' }],
    ['another version', { group: 'apps', version: 'v1beta1', kind: 'Deployment' }],
    ['the core group for what is elsewhere', { group: '', version: 'v1', kind: 'NetworkPolicy' }],
    ['another kind', { group: '', version: 'v1', kind: 'Service' }],
    ['a name that every object has', { group: '', version: 'v1', kind: 'constructor' }],
  ])('does not know %s', (_, kind) => {
    expect(judgedKind(kind)).toBeUndefined();
  });
});

describe('isBinding', () => {
  it.each([
    [{ group: '', version: 'v1', kind: 'Binding' }, true],
    [{ version: 'v1', kind: 'Binding' }, true],
    [{ group: 'other', version: 'v1', kind: 'Binding' }, false],
    [{ group: '', version: 'v2', kind: 'Binding' }, false],
    [{ group: '', version: 'v1', kind: 'Pod' }, false],
  ])('of %j is %s', (kind, expected) => {
    expect(isBinding(kind)).toBe(expected);
  });
});
