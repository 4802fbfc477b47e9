import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
const rollout = { group: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', template: 'spec.template' };

function load(text: string) {
  return parseConfig(`${head}${text}`, { file: 'f', version: '1', ownNamespace: undefined, checkIds: [] });
}

const loadAll = (workloads: readonly object[], more: object = {}) =>
  load(
    Object.entries({ workloads, ...more })
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
      .join(''),
  );

function problemsOf(workloads: readonly object[], more: object = {}): string {
  try {
    loadAll(workloads, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return '';
}

describe('workloads in the configuration', () => {
  it('are none by default', () => {
    expect(load('mode: warn\n').workloads).toEqual([]);
  });

  it('are every version unless some are named, and a path in steps', () => {
    const knative = {
      group: 'serving.knative.dev',
      kind: 'Service',
      resource: 'services',
      versions: ['v1'],
      template: 'spec.jobTemplate.spec.pod_template',
    };
    expect(loadAll([rollout, knative]).workloads).toEqual([
      { ...rollout, versions: ['*'], template: ['spec', 'template'] },
      { ...knative, template: ['spec', 'jobTemplate', 'spec', 'pod_template'] },
    ]);
  });

  it.each<[string, object, string]>([
    [
      'a path that is none',
      { template: 'spec..template' },
      'f:3:86: workloads[0].template: "spec..template" is not a field path',
    ],
    ['a path through a list', { template: 'spec.tasks[0].template' }, 'is not a field path'],
    ['an empty path', { template: '' }, 'is not a field path'],
    ['a path of eleven steps', { template: Array(11).fill('a').join('.') }, 'is not a field path of at most ten steps'],
    ['no path', { template: undefined }, 'workloads[0].template: missing'],
    ['no resource', { resource: undefined }, 'workloads[0].resource: missing'],
    ['a kind for a resource', { resource: 'Rollout' }, '"Rollout" is not the plural name of a resource'],
    ['a resource for a kind', { kind: 'rollouts' }, '"rollouts" is not a kind'],
    ['a subresource', { resource: 'rollouts/status' }, 'is not the plural name of a resource'],
    ['all resources', { resource: '*' }, 'is not the plural name of a resource'],
    ['all groups', { group: '*' }, '"*" is not an API group'],
    ['a version that is none', { versions: ['*'] }, '"*" is not a version'],
    ['no version', { versions: [] }, 'versions: is empty'],
    [
      'a built-in kind',
      { group: 'apps', kind: 'Deployment', resource: 'deployments' },
      'Deployment of apps is always judged; remove it',
    ],
    [
      'a built-in kind by its resource',
      { group: 'batch', kind: 'Task', resource: 'jobs' },
      'Job of batch is always judged',
    ],
    [
      'a group of Kubernetes',
      { group: 'coordination.k8s.io', kind: 'Lease', resource: 'leases' },
      'coordination.k8s.io is a group of Kubernetes itself',
    ],
    ['a group of Kubernetes without a dot', { group: 'policy' }, 'policy is a group of Kubernetes itself'],
    ['another Pod', { kind: 'Pod', resource: 'pods' }, 'would take it for the Pod of Kubernetes'],
    ['another Namespace', { kind: 'Namespace', resource: 'spaces' }, 'would take it for the Namespace of Kubernetes'],
    [
      'a policy',
      { group: 'cilium.io', kind: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies' },
      'CiliumNetworkPolicy of cilium.io is a policy',
    ],
    ['a field that is none', { path: 'spec' }, 'workloads[0].path: unknown'],
  ])('refuse %s', (_, change, message) => {
    expect(problemsOf([{ ...rollout, ...change }])).toContain(message);
  });

  it('are listed once', () => {
    expect(problemsOf([rollout, { ...rollout, versions: ['v1'] }])).toContain(
      'workloads[1]: Rollout of argoproj.io is already in the list',
    );
    expect(problemsOf([rollout, { ...rollout, group: 'example.org' }])).toBe('');
  });

  it('may be of a group that Kubernetes’ own projects serve, and of a kind that Kubernetes has too', () => {
    expect(problemsOf([{ ...rollout, group: 'jobset.x-k8s.io', kind: 'JobSet', resource: 'jobsets' }])).toBe('');
    expect(problemsOf([{ ...rollout, group: 'batch.volcano.sh', kind: 'Job', resource: 'jobs' }])).toBe('');
  });

  it('may be named by exceptions', () => {
    const exception = {
      name: 'web',
      checks: ['label-values'],
      namespace: 'shop',
      workloads: [{ kind: 'Rollout', name: 'web' }],
      reason: 'a chart of others',
      until: new Date().toISOString().slice(0, 10),
    };
    expect(problemsOf([rollout], { exceptions: [exception] })).toBe('');
    expect(problemsOf([], { exceptions: [exception] })).toContain('"Rollout" makes no Pods');
  });
});
