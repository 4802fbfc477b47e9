import { describe, expect, it } from 'vitest';
import { resource } from '../../src/cluster/resource.ts';
import { getKind } from '../../src/kubernetes/kinds.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { paths } from './address.ts';
import { createMemoryApi } from './memory-api.ts';

function openShop() {
  const api = createMemoryApi({ pageSize: 2 });
  api.put(paths.namespace('shop'), {});
  return { api, policies: resource<NetworkPolicy>(api.cluster, getKind('NetworkPolicy')) };
}

const policy = (name: string, metadata: object = {}): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop', name, ...metadata },
  spec: {},
});

describe('the API server in memory', () => {
  it('reads what was created, once', async () => {
    const { policies } = openShop();
    const created = await policies.create(policy('web'));
    expect(await policies.get({ namespace: 'shop', name: 'web' })).toEqual(created);
    expect(await policies.get({ namespace: 'shop', name: 'api' })).toBeUndefined();
    await expect(policies.create(policy('web'))).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });

  it('creates nothing in a namespace that is not there or ends', async () => {
    const { api, policies } = openShop();
    api.put(paths.namespace('shop'), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    await expect(policies.create(policy('web'))).rejects.toMatchObject({ code: 403 });
    api.erase(paths.namespace('shop'));
    await expect(policies.apply(policy('web'))).rejects.toMatchObject({ code: 404, reason: 'NotFound' });
  });

  it('replaces and patches only the version that the caller has read', async () => {
    const { policies } = openShop();
    const first = await policies.create(policy('web'));
    const second = await policies.replace(first);
    expect(second.metadata).toMatchObject({ uid: first.metadata.uid, resourceVersion: '103' });
    await expect(policies.replace(first)).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    const { metadata } = first;
    const change = { metadata: { resourceVersion: metadata.resourceVersion, labels: { tier: 'web' } } };
    await expect(policies.patch({ namespace: 'shop', name: 'web' }, change)).rejects.toMatchObject({ code: 409 });
    await expect(policies.replace(policy('api'))).rejects.toMatchObject({ code: 404 });
  });

  it('takes away by an apply what the last one had, and nothing of others', async () => {
    const { policies } = openShop();
    await policies.apply(policy('web', { labels: { tier: 'web', team: 'shop' } }));
    await policies.patch({ namespace: 'shop', name: 'web' }, { metadata: { labels: { note: 'mine' } } });
    const { metadata } = await policies.apply(policy('web', { labels: { tier: 'api' } }));
    expect(metadata.labels).toEqual({ tier: 'api', note: 'mine' });
  });

  it('lists in pages, and lets a test answer first', async () => {
    const { api, policies } = openShop();
    for (const name of ['a', 'b', 'c']) await policies.create(policy(name));
    const { objects, isWhole } = await policies.list('shop', 500);
    expect([objects.length, isWhole]).toEqual([2, false]);
    api.world.before = (call) => {
      if (call === 'LIST networkpolicies/shop') throw new Error('down');
    };
    await expect(policies.list('shop', 500)).rejects.toThrow('down');
  });
});
