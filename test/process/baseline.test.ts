import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../src/cluster/connection.ts';
import { openBaseline } from '../../src/process/baseline.ts';
import { configIn, fenced } from '../admission/scene.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';

/** The baseline before an API server in memory, and the calls on each of the connections. */
async function setUp() {
  const api = createMemoryApi();
  api.put('/api/v1/namespaces/shop', { metadata: { labels: fenced } });
  const calls = { cluster: 0, gate: 0, reviews: 0, lists: 0 };
  const watching = Promise.withResolvers<void>();
  const connection = (name: keyof typeof calls): Cluster => ({
    request(method, path, options) {
      calls[name] += 1;
      return api.cluster.request(method, path, options);
    },
    async watch({ onOpen }) {
      onOpen();
      await watching.promise;
    },
    close: async () => undefined,
  });
  const cluster = connection('cluster');
  const connections = {
    cluster,
    gate: connection('gate'),
    reviews: connection('reviews'),
    lists: connection('lists'),
    now: () => 0,
    close: async () => undefined,
  };
  const config = configIn('enforce');
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const metrics = { looked: () => undefined, asked: () => undefined, reconciled: () => undefined };
  const baseline = openBaseline(
    { relistSeconds: 300 },
    { cluster, connections, config: () => config, liveVersion: async () => config.version },
    { log, metrics } as unknown as Parameters<typeof openBaseline>[2],
  );
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    watching.resolve();
  });
  await baseline.listen(stop.signal);
  return { api, calls, gate: baseline.ports.gate };
}

describe('the gate', () => {
  it('has the connections that nobody else uses, for the namespaces that the process knows', async () => {
    const { calls, gate } = await setUp();
    const before = { ...calls };
    expect(await gate.facts('shop', { ensure: true, dryRun: false })).toMatchObject({ exists: true, wall: 'made' });
    expect(calls.gate).toBeGreaterThan(0);
    expect({ ...calls, gate: 0 }).toEqual({ ...before, gate: 0 });
  });

  it('looks at any other name on the connections of all reviews', async () => {
    const { api, calls, gate } = await setUp();
    expect(await gate.facts('forged', { ensure: true, dryRun: false })).toEqual({ exists: false });
    // One that nobody has told the process of yet.
    api.put('/api/v1/namespaces/young', { metadata: { labels: fenced } });
    expect(await gate.facts('young', { ensure: true, dryRun: false })).toMatchObject({ exists: true, wall: 'made' });
    expect(calls.reviews).toBeGreaterThan(0);
    expect(calls.gate).toBe(0);
  });
});
