import { describe, expect, it } from 'vitest';
import {
  apiPathOf,
  apiVersionOf,
  findKind,
  groupVersionOf,
  isBinding,
  isWorkloadKind,
  kindOf,
  kinds,
  templatePathOf,
  workloadKinds,
} from '../../src/kubernetes/kinds.ts';
import { checks } from '../../src/policy/checks/index.ts';

describe('the table of kinds', () => {
  it('has exactly the kinds that the checks speak of, and those whose Pods they speak of', () => {
    const names = kinds.map(({ kind }) => kind);
    const judged = checks.flatMap((check) => check.kinds).filter((kind) => kind !== 'NoTemplate');
    expect(new Set(names)).toEqual(new Set([...judged, ...workloadKinds]));
    expect(names).toHaveLength(new Set(names).size);
  });

  it('knows which have a pod template, and where', () => {
    expect(kinds.filter(({ template }) => template.length > 0).map(({ kind }) => kind)).toEqual(workloadKinds);
    expect(templatePathOf('Deployment')).toEqual(['spec', 'template']);
    expect(templatePathOf('CronJob')).toEqual(['spec', 'jobTemplate', 'spec', 'template']);
    expect(['Namespace', 'Pod', 'NetworkPolicy', 'constructor'].map(templatePathOf)).toEqual([[], [], [], []]);
    expect(['Job', 'Pod', 'constructor'].map(isWorkloadKind)).toEqual([true, false, false]);
  });

  it('has one kind that is in no namespace', () => {
    expect(kinds.filter(({ scope }) => scope === 'Cluster').map(({ kind }) => kind)).toEqual(['Namespace']);
  });
});

describe('kindOf', () => {
  it.each(kinds)('knows $kind of "$group"', (kind) => {
    expect(kindOf(kind)).toBe(kind);
    expect(findKind(kind.kind)).toBe(kind);
    expect(kindOf({ ...groupVersionOf(apiVersionOf(kind)), kind: kind.kind })).toBe(kind);
  });

  it('takes a missing group for the core group', () => {
    expect(kindOf({ version: 'v1', kind: 'Pod' })?.kind).toBe('Pod');
  });

  it.each([
    ['another group', { group: 'extensions', version: 'v1', kind: 'Deployment' }],
    ['another version', { group: 'apps', version: 'v1beta1', kind: 'Deployment' }],
    ['the core group for what is elsewhere', { group: '', version: 'v1', kind: 'NetworkPolicy' }],
    ['another kind', { group: '', version: 'v1', kind: 'Service' }],
    ['a name that every object has', { group: '', version: 'v1', kind: 'constructor' }],
  ])('does not know %s', (_, kind) => {
    expect(kindOf(kind)).toBeUndefined();
  });
});

describe('an apiVersion', () => {
  it.each([
    ['v1', '', 'v1', '/api/v1'],
    ['apps/v1', 'apps', 'v1', '/apis/apps/v1'],
    ['networking.k8s.io/v1', 'networking.k8s.io', 'v1', '/apis/networking.k8s.io/v1'],
  ] as const)('%s is group "%s", version %s, served at %s', (apiVersion, group, version, path) => {
    expect(groupVersionOf(apiVersion)).toEqual({ group, version });
    expect(apiVersionOf({ group, version })).toBe(apiVersion);
    expect(apiPathOf({ group, version })).toBe(path);
  });

  it('of three parts has a group that no kind has', () => {
    expect(groupVersionOf('extra/apps/v1')).toEqual({ group: 'extra/apps', version: 'v1' });
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
