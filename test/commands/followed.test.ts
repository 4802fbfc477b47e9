import { expect, it, onTestFinished } from 'vitest';
import { followAudit } from '../../src/commands/followed.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { installRingfence } from '../fencing/scene.ts';
import { serveMemoryApi, withVersion } from './api-server.ts';

it('names everything that it has read, also what is never followed', async () => {
  const api = createMemoryApi();
  installRingfence(api);
  const kubeconfig = await serveMemoryApi(withVersion(api));
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
