import { describe, expect, it } from 'vitest';
import { isInertKind } from '../../src/kubernetes/inert-kinds.ts';
import { expectedVersion } from '../../src/kubernetes/kinds.ts';
import { formatSteps, podTemplatesOf } from '../../src/kubernetes/pod-templates.ts';

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };

function pathsOf(apiVersion: string, kind: string, spec: unknown): readonly string[] {
  const object = { apiVersion, kind, metadata: { name: 'o' }, spec };
  return podTemplatesOf(object, []).map(({ path }) => formatSteps(path));
}

describe('the pod templates of an object', () => {
  it.each<[string, string, unknown, readonly string[]]>([
    ['argoproj.io/v1alpha1', 'Rollout', { template }, ['spec.template']],
    ['apps.openshift.io/v1', 'DeploymentConfig', { template }, ['spec.template']],
    ['apps.kruise.io/v1alpha1', 'CloneSet', { template }, ['spec.template']],
    ['serving.knative.dev/v1', 'Service', { template }, ['spec.template']],
    ['kubevirt.io/v1', 'VirtualMachine', { template: { metadata: {}, spec: { domain: {} } } }, ['spec.template']],
    ['keda.sh/v1alpha1', 'ScaledJob', { jobTargetRef: { template } }, ['spec.jobTargetRef.template']],
    ['batch.volcano.sh/v1alpha1', 'Job', { tasks: [{}, { template }] }, ['spec.tasks[1].template']],
    [
      'jobset.x-k8s.io/v1alpha2',
      'JobSet',
      { replicatedJobs: [{ template: { spec: { template } } }] },
      ['spec.replicatedJobs[0].template.spec.template'],
    ],
    [
      'leaderworkerset.x-k8s.io/v1',
      'LeaderWorkerSet',
      { leaderWorkerTemplate: { leaderTemplate: template, workerTemplate: template } },
      ['spec.leaderWorkerTemplate.leaderTemplate', 'spec.leaderWorkerTemplate.workerTemplate'],
    ],
    ['apps/v1', 'Deployment', { template }, ['spec.template']],
    ['apps/v1', 'Deployment', {}, ['spec.template']],
    ['extensions/v1beta1', 'Deployment', { template }, ['spec.template']],
  ])('%s %s', (apiVersion, kind, spec, paths) => {
    expect(pathsOf(apiVersion, kind, spec)).toEqual(paths);
  });

  it.each<[string, string, string, unknown]>([
    ['no Pod spec', 'argoproj.io/v1alpha1', 'ApplicationSet', { template: { spec: { project: 'p' } } }],
    ['what an operator merges', 'k8s.elastic.co/v1', 'Kibana', { podTemplate: template }],
    ['a pattern of a policy', 'kyverno.io/v1', 'ClusterPolicy', { rules: [{ template }] }],
    ['a kind of Kubernetes without Pods', 'v1', 'Service', { template }],
    ['containers of the object itself', 'monitoring.coreos.com/v1', 'Prometheus', { containers: [] }],
    ['no specification', 'argoproj.io/v1alpha1', 'Rollout', null],
  ])('is not %s', (_, apiVersion, kind, spec) => {
    expect(pathsOf(apiVersion, kind, spec)).toEqual([]);
  });

  it('is where the configuration says, and only there', () => {
    const listed = {
      group: 'example.com',
      kind: 'Fleet',
      resource: 'fleets',
      versions: ['*'],
      template: ['spec', 'pod'],
    };
    const object = { apiVersion: 'example.com/v1', kind: 'Fleet', spec: { pod: { metadata: {} }, template } };
    expect(podTemplatesOf(object, [listed])).toEqual([{ path: ['spec', 'pod'], template: { metadata: {} } }]);
    expect(podTemplatesOf({ ...object, spec: { template } }, [listed])).toEqual([]);
  });
});

describe('the version that an object should have', () => {
  it.each([
    ['networking.k8s.io/v1beta1', 'NetworkPolicy', 'networking.k8s.io/v1'],
    ['extensions/v1beta1', 'NetworkPolicy', 'networking.k8s.io/v1'],
    ['networkin.k8s.io/v1', 'NetworkPolicy', 'networking.k8s.io/v1'],
    ['networking.k8s.oi/v1', 'NetworkPolicy', 'networking.k8s.io/v1'],
    ['', 'NetworkPolicy', 'networking.k8s.io/v1'],
    ['v1beta1', 'Namespace', 'v1'],
    ['networking.k8s.io/v1', 'NetworkPolicy', undefined],
    ['example.com/v1', 'NetworkPolicy', undefined],
    ['v1', 'Service', undefined],
  ])('%j %s: %s', (apiVersion, kind, expected) => {
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    expect(expectedVersion({ group, version, kind })).toBe(expected);
  });
});

describe('a kind without Pods', () => {
  it.each([
    ['', 'ConfigMap', true],
    ['gateway.networking.k8s.io', 'HTTPRoute', true],
    ['cert-manager.io', 'Certificate', true],
    ['templates.gatekeeper.sh', 'ConstraintTemplate', true],
    ['monitoring.coreos.com', 'ServiceMonitor', true],
    ['k8s.ovn.org', 'EgressFirewall', true],
    ['monitoring.coreos.com', 'Prometheus', false],
    ['kafka.strimzi.io', 'Kafka', false],
    ['helm.toolkit.fluxcd.io', 'HelmRelease', false],
  ])('%s %s: %s', (group, kind, expected) => {
    expect(isInertKind({ group, version: 'v1', kind })).toBe(expected);
  });
});
