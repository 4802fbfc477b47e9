import { expect, it, onTestFinished } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { followAudit } from '../../src/commands/followed.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { installRingfence } from '../fencing/scene.ts';
import { serveMemoryApi } from './api-server.ts';

/** A cluster in memory that also answers what only a real API server has. */
function createCluster(): ReturnType<typeof createMemoryApi> {
  const api = createMemoryApi();
  installRingfence(api);
  const request: typeof api.cluster.request = async (method, path, options) => {
    if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.0' } as never;
    try {
      return await api.cluster.request(method, path, options);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('not served', { code: 404 });
    }
  };
  return { ...api, cluster: { ...api.cluster, request } };
}

it('names everything that it has read, also what is never followed', async () => {
  const kubeconfig = await serveMemoryApi(createCluster());
  const followed = followAudit({ kubeconfig, ringfenceNamespace: 'ringfence-system' }, readEnvironment({}), {
    release: '0',
    onChange: () => undefined,
  });
  onTestFinished(() => followed.close());
  expect(followed.parts().some(({ name }) => name === 'pods')).toBe(false);
  await followed.read();
  const parts = followed.parts();
  expect(parts).toContainEqual({ name: 'pods', at: expect.any(String), isFollowed: true, problem: undefined });
  expect(parts.flatMap(({ name, isFollowed }) => (isFollowed ? [] : [name]))).toEqual([
    'configuration',
    'served-kinds',
    'doctor',
  ]);
});
