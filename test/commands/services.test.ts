import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { listServices } from '../../src/commands/services.ts';
import { createInventory } from '../../src/network/inventory.ts';

const lists: Readonly<Record<string, readonly object[]>> = {
  '/api/v1/services': [
    { metadata: { namespace: 'shop', name: 'web' }, spec: { selector: { app: 'web' } } },
    { metadata: { namespace: 'shop', name: 'manual' }, spec: {} },
  ],
  '/apis/discovery.k8s.io/v1/endpointslices': ['web', 'manual'].map((name) => ({
    metadata: { namespace: 'shop', name, labels: { 'kubernetes.io/service-name': name } },
    endpoints: [{ addresses: ['192.0.2.7'] }],
  })),
};

async function list(refused: Readonly<Record<string, number>>) {
  const cluster: Pick<Cluster, 'request'> = {
    request: async <T>(_: string, path: string) => {
      const code = refused[path];
      if (code !== undefined) throw new ApiError(`GET ${path}: ${code}`, { code });
      return { metadata: { resourceVersion: '1' }, items: lists[path] } as T;
    },
  };
  const taker = createInventory();
  const notes = await listServices(cluster, taker);
  return { services: taker.take().services, notes };
}

describe('the Services of a live cluster', () => {
  it('are read with their EndpointSlices, where no selector says who answers', async () => {
    const { services, notes } = await list({});
    expect([...services].map(([name, { endpoints }]) => [name, endpoints.length])).toEqual([
      ['shop/web', 0],
      ['shop/manual', 1],
    ]);
    expect(notes).toEqual([]);
  });

  it('may be missing, and a note says what cannot be asked', async () => {
    const { services, notes } = await list({ '/api/v1/services': 403 });
    expect(services.size).toBe(0);
    expect(notes).toMatchObject([
      { message: 'services may not be listed: no end can be a Service', overlooked: false },
    ]);
  });

  it('have no EndpointSlices where these are not served', async () => {
    const { services, notes } = await list({ '/apis/discovery.k8s.io/v1/endpointslices': 404 });
    expect([services.get('shop/manual')?.endpoints, notes]).toEqual([[], []]);
  });

  it('are an error if the API server fails', async () => {
    await expect(list({ '/api/v1/services': 500 })).rejects.toThrow('500');
  });
});
