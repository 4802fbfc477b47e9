import { describe, expect, it } from 'vitest';
import { deployment, names, ownedBy, pod, take, web } from './inventory-scene.ts';

describe('a workload of another project', () => {
  const rollout = (metadata: object = {}, spec: object = {}) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { template: web, ...spec },
  });

  it('is read by its pod template', () => {
    const { world, podsByName } = take(rollout());
    expect([...podsByName.keys()]).toEqual(['shop/rollout/web']);
    expect(world.pods[0]?.labels).toEqual(new Map([['app', 'web']]));
    expect(take(rollout({}, { replicas: 0 })).absent.get('shop/rollout/web')).toBe('has 0 replicas: no pods');
  });

  it('has a pod for each of its templates', () => {
    const spec = { pytorchReplicaSpecs: { Master: { template: web }, Worker: { template: web } } };
    const job = { apiVersion: 'kubeflow.org/v1', kind: 'PyTorchJob', metadata: { name: 'a', namespace: 'ml' }, spec };
    const { podsByName, ownerOf } = take(job);
    expect([...podsByName.keys()]).toEqual([
      'ml/pytorchjob/a (spec.pytorchReplicaSpecs.Master.template)',
      'ml/pytorchjob/a (spec.pytorchReplicaSpecs.Worker.template)',
    ]);
    expect([...podsByName.values()].map(ownerOf)).toEqual(Array(2).fill({ kind: 'pytorchjob', name: 'a' }));
  });

  it('stands for its ReplicaSets and Pods', () => {
    const labels = { 'rollouts-pod-template-hash': '5f' };
    const owned = pod('web-5f-x', { metadata: { labels, ...ownedBy('ReplicaSet', 'web-5f') } });
    const { podsByName, world, ownerOf } = take(rollout(), owned);
    expect([...podsByName.keys()]).toEqual(['shop/web-5f-x']);
    expect(world.pods.map(ownerOf)).toEqual([{ kind: 'rollout', name: 'web' }]);
  });

  it('is found above objects that have no pods of their own', () => {
    const apiVersion = 'serving.knative.dev/v1';
    const revision = {
      apiVersion,
      kind: 'Revision',
      metadata: {
        name: 'r',
        namespace: 'shop',
        ownerReferences: [{ apiVersion, kind: 'Service', name: 'web', controller: true }],
      },
      spec: { containers: [] },
    };
    const service = { ...rollout(), apiVersion, kind: 'Service' };
    const deployed = deployment();
    const made = {
      ...deployed,
      metadata: {
        name: 'r-deployment',
        namespace: 'shop',
        ownerReferences: [{ apiVersion, kind: 'Revision', name: 'r', controller: true }],
      },
    };
    const { podsByName, unknown } = take(made, revision, service);
    expect([...podsByName.keys()]).toEqual(['shop/service.serving.knative.dev/web']);
    expect(unknown).toEqual([]);
  });

  it('has its group in its name where Kubernetes has a kind of that name', () => {
    const set = { ...rollout(), apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet' };
    expect(names(set, { ...deployment(), kind: 'StatefulSet' })).toEqual([
      'shop/statefulset.apps.kruise.io/web',
      'shop/statefulset/web',
    ]);
  });

  it('is unknown if it has no template, unless it owns what was read', () => {
    const apiVersion = 'monitoring.coreos.com/v1';
    const prometheus = { apiVersion, kind: 'Prometheus', metadata: { name: 'p', namespace: 'shop' }, spec: {} };
    expect(take(prometheus).unknown).toMatchObject([{ type: `${apiVersion} Prometheus`, name: 'shop/p' }]);
    const ownerReferences = [{ apiVersion, kind: 'Prometheus', name: 'p', controller: true }];
    const made = { ...deployment(), kind: 'StatefulSet', metadata: { name: 'p', namespace: 'shop', ownerReferences } };
    expect(take(prometheus, made).unknown).toEqual([]);
    const inert = { ...prometheus, kind: 'ServiceMonitor' };
    expect(take(inert, { ...prometheus, spec: undefined }).unknown).toEqual([]);
  });
});
