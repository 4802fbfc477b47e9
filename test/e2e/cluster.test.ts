import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { reflect } from '../../src/cluster/reflector.ts';
import {
  configMaps,
  namespaces,
  namespacesPath,
  networkPolicies,
  networkPoliciesPath,
  pods,
  type RawWebhookConfiguration,
  webhookConfigurations,
} from '../../src/cluster/resources.ts';
import { accessReviews, identity } from '../../src/cluster/reviews.ts';
import { secrets } from '../../src/cluster/secrets.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';

const options = {
  controllers: false,
  disableAdmissionPlugins: ['ServiceAccount'],
  users: [{ name: 'ada', groups: ['developers'] }],
};

describeWithControlPlane('the cluster adapters, against a real API server', options, (controlPlane) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    await cluster.request('POST', namespacesPath, { body: { metadata: { name: 'shop', labels: { tier: 'web' } } } });
  });
  afterAll(() => cluster.close());

  const denyAll: NetworkPolicy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'deny-all', labels: { tier: 'web' } },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
  };

  it('know who they are', async () => {
    expect(await identity(cluster).whoAmI()).toEqual({ username: 'admin' });
    const ada = connect({ kubeconfig: controlPlane().kubeconfigFor('ada') });
    expect(await identity(ada).whoAmI()).toEqual({ username: 'ada' });
    await expect(namespaces(ada).get('shop')).rejects.toMatchObject({ code: 403, reason: 'Forbidden' });
    await ada.close();
  });

  it('read namespaces', async () => {
    expect(await namespaces(cluster).get('shop')).toMatchObject({
      metadata: { name: 'shop', labels: { tier: 'web', 'kubernetes.io/metadata.name': 'shop' } },
      status: { phase: 'Active' },
    });
    expect(await namespaces(cluster).get('nowhere')).toBeUndefined();
    await expect(namespaces(cluster).get('')).rejects.toMatchObject({ code: 400 });
  });

  it('apply a NetworkPolicy over what others wrote, and take foreign labels and owners away', async () => {
    const policies = networkPolicies(cluster);
    expect(await policies.get('shop', 'deny-all')).toBeUndefined();
    const created = await policies.apply(denyAll);
    expect(created).toMatchObject({
      metadata: { labels: { tier: 'web' } },
      spec: { policyTypes: ['Ingress', 'Egress'] },
    });
    const path = `${namespacesPath}/shop/networkpolicies/deny-all`.replace('/api/v1', '/apis/networking.k8s.io/v1');
    await cluster.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      body: {
        metadata: {
          labels: { team: 'other' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'none' }],
        },
        spec: { ingress: [{}] },
      },
    });
    const repaired = await policies.apply(denyAll);
    expect(repaired.spec?.ingress ?? []).toEqual([]);
    expect(repaired.metadata.ownerReferences).toHaveLength(1);
    await expect(policies.clearOwnerReferences('shop', 'deny-all', '1')).rejects.toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    await policies.clearOwnerReferences('shop', 'deny-all', repaired.metadata.resourceVersion ?? '');
    await policies.patchLabels('shop', 'deny-all', { team: null });
    const stored = await policies.get('shop', 'deny-all');
    expect(stored?.metadata.ownerReferences).toBeUndefined();
    expect(stored?.metadata.labels).toEqual({ tier: 'web' });
  });

  it('cannot apply where the namespace is not', async () => {
    const policy = { ...denyAll, metadata: { namespace: 'nowhere', name: 'deny-all' } };
    await expect(networkPolicies(cluster).apply(policy)).rejects.toMatchObject({ code: 404, reason: 'NotFound' });
  });

  it('see Pods', async () => {
    expect(await pods(cluster).any('shop')).toBe(false);
    expect(await pods(cluster).any('nowhere')).toBe(false);
    await cluster.request('POST', `${namespacesPath}/shop/pods`, {
      body: { metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    });
    expect(await pods(cluster).any('shop')).toBe(true);
    expect(await pods(cluster).get('shop', 'web')).toMatchObject({ metadata: { name: 'web' } });
    expect(await pods(cluster).get('shop', 'api')).toBeUndefined();
  });

  it('ask who may do what, cluster-wide only', async () => {
    const breach = { verb: 'breach', group: 'ringfence.dev', resource: 'fences', name: 'shop' };
    const ada = { user: 'ada', groups: ['developers', 'system:authenticated'], extra: { scopes: ['a'] } };
    const { isAllowed } = accessReviews(cluster);
    expect(await isAllowed({ user: 'admin', groups: ['system:masters'] }, breach)).toBe(true);
    expect(await isAllowed(ada, breach)).toBe(false);
    await controlPlane().kubectl([
      'create',
      'rolebinding',
      'ada',
      '-n',
      'shop',
      '--clusterrole=cluster-admin',
      '--user=ada',
    ]);
    expect(await isAllowed(ada, breach)).toBe(false);
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    await cluster.request('POST', `${rbac}/clusterroles`, {
      body: {
        metadata: { name: 'breach-shop' },
        rules: [{ apiGroups: ['ringfence.dev'], resources: ['fences'], resourceNames: ['shop'], verbs: ['breach'] }],
      },
    });
    await cluster.request('POST', `${rbac}/clusterrolebindings`, {
      body: {
        metadata: { name: 'breach-shop' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'breach-shop' },
        subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'developers' }],
      },
    });
    await vi.waitFor(async () => expect(await isAllowed(ada, breach)).toBe(true), { timeout: 60_000 });
    expect(await isAllowed(ada, { ...breach, name: 'bank' })).toBe(false);
  });

  it('share a Secret without losing each other’s writes', async () => {
    const store = secrets(cluster);
    const secret = { namespace: 'shop', name: 'keys', type: 'Opaque', data: { 'tls.key': 'ключ\n' } };
    expect(await store.get('shop', 'keys')).toBeUndefined();
    const first = await store.create(secret);
    expect(first).toMatchObject(secret);
    await expect(store.create(secret)).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    const second = await store.replace({ ...first, data: { 'tls.key': 'second' } });
    expect(await store.get('shop', 'keys')).toEqual(second);
    await expect(store.replace({ ...first, data: {} })).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    await expect(store.replace({ ...second, name: 'other' })).rejects.toMatchObject({ code: 404 });
  });

  it('keep webhook configurations', async () => {
    const store = webhookConfigurations(cluster);
    for (const kind of ['Validating', 'Mutating'] as const) {
      const configuration: RawWebhookConfiguration = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${kind}WebhookConfiguration`,
        metadata: { name: 'ringfence' },
        webhooks: [],
      };
      expect(await store.get(kind, 'ringfence')).toBeUndefined();
      const made = await store.create(kind, configuration);
      await expect(store.create(kind, configuration)).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
      await store.replace(kind, { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
      await expect(
        store.replace(kind, { ...made, metadata: { ...made.metadata, labels: { a: 'c' } } }),
      ).rejects.toMatchObject({ code: 409 });
      expect(await store.get(kind, 'ringfence')).toMatchObject({ metadata: { labels: { a: 'b' } } });
    }
  });

  it('read a ConfigMap, and follow it by name', async () => {
    const map = (name: string, text: string): object => ({ metadata: { name }, data: { 'config.yaml': text } });
    await cluster.request('POST', '/api/v1/namespaces/shop/configmaps', { body: map('ringfence', 'mode: observe') });
    await cluster.request('POST', '/api/v1/namespaces/shop/configmaps', { body: map('other', '') });
    expect(await configMaps(cluster).get('shop', 'ringfence')).toMatchObject({
      data: { 'config.yaml': 'mode: observe' },
    });
    expect(await configMaps(cluster).get('shop', 'missing')).toBeUndefined();
    expect(await configMaps(cluster).version('shop', 'ringfence')).toMatch(/^\d+$/);
    expect(await configMaps(cluster).version('shop', 'missing')).toBeUndefined();
    const stop = new AbortController();
    const reflector = reflect({
      cluster,
      path: '/api/v1/namespaces/shop/configmaps',
      query: { fieldSelector: 'metadata.name=ringfence' },
      project: (raw) => raw['data'],
      log: silent,
    });
    await reflector.start(stop.signal);
    expect([...reflector.values()]).toEqual([{ 'config.yaml': 'mode: observe' }]);
    await cluster.request('PUT', '/api/v1/namespaces/shop/configmaps/ringfence', {
      body: map('ringfence', 'mode: enforce'),
    });
    await vi.waitFor(() => expect(reflector.get('shop/ringfence')).toEqual({ 'config.yaml': 'mode: enforce' }));
    stop.abort();
  });

  it('follow NetworkPolicies through the API server’s death, and tell a namesake from a change', async () => {
    const changes: string[] = [];
    const stop = new AbortController();
    const reflector = reflect({
      cluster,
      path: networkPoliciesPath,
      project: ({ metadata }) => metadata.uid,
      log: silent,
    });
    await reflector.start(stop.signal);
    reflector.onChange((key, current, previous) => {
      const change = current === undefined ? 'deleted' : previous === undefined ? 'created' : 'changed';
      changes.push(`${key} ${change}`);
    });
    await networkPolicies(cluster).patchLabels('shop', 'deny-all', { a: 'b' });
    await vi.waitFor(() => expect(changes).toEqual(['shop/deny-all changed']));
    await controlPlane().stopApiServer();
    await controlPlane().startApiServer();
    await vi.waitFor(() => expect(reflector.lastEventAgeMs()).toBeLessThan(5_000), { timeout: 90_000 });
    changes.length = 0;
    await cluster.request('DELETE', '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny-all');
    await networkPolicies(cluster).apply(denyAll);
    await vi.waitFor(() => expect(changes).toEqual(['shop/deny-all deleted', 'shop/deny-all created']), {
      timeout: 90_000,
    });
    stop.abort();
  });
});

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
