import { describe, expect, it, onTestFinished } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { networkPoliciesPath } from '../../src/cluster/resources.ts';
import { openBaseline } from '../../src/process/baseline.ts';
import { configIn, fenced } from '../admission/scene.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { waitFor } from '../waiting.ts';

/** Answers a list of NetworkPolicies, or leaves it to the API server in memory. */
type Lister = (() => unknown) | undefined;

/** The baseline before an API server in memory, and the calls on each of the connections. */
async function setUp({ relistSeconds = 300, listPolicies = undefined as Lister } = {}) {
  const api = createMemoryApi();
  api.put('/api/v1/namespaces/shop', { metadata: { labels: fenced } });
  const calls = { cluster: 0, gate: 0, reviews: 0, lists: 0 };
  const watching = Promise.withResolvers<void>();
  const connection = (name: keyof typeof calls): Cluster => ({
    async request(method, path, options) {
      calls[name] += 1;
      if (listPolicies !== undefined && path === networkPoliciesPath) return listPolicies() as never;
      return api.cluster.request(method, path, options);
    },
    async watch({ onOpen, signal }) {
      onOpen();
      await Promise.race([watching.promise, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
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
    { relistSeconds },
    { cluster, connections, config: () => config, liveVersion: async () => config.version },
    { log, metrics } as unknown as Parameters<typeof openBaseline>[2],
  );
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    watching.resolve();
  });
  await baseline.listen(stop.signal);
  return { api, calls, policies: baseline.policies, gate: baseline.ports.gate };
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

describe('the policies that are kept', () => {
  /** More than half of what is kept of a namespace. */
  const large = (name: string, resourceVersion: string) => {
    const from = Array.from({ length: 9_000 }, () => ({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }));
    const metadata = { name, namespace: 'shop', uid: name, resourceVersion };
    return { metadata, spec: { podSelector: {}, ingress: [{ from }] } };
  };

  it('leave the room of one that only a list that failed has seen', async () => {
    const pages: (() => unknown)[] = [
      () => ({ metadata: { resourceVersion: '5', continue: 'more' }, items: [large('gone', '4')] }),
      () => {
        throw new ApiError('the second page', { code: 500 });
      },
    ];
    const whole = { metadata: { resourceVersion: '9' }, items: [large('other', '8')] };
    const { policies } = await setUp({ relistSeconds: 0.05, listPolicies: () => (pages.shift() ?? (() => whole))() });
    await waitFor(() => expect(policies.get('shop/other')?.isLeftOut).toBeUndefined());
    expect(policies.get('shop/other')).toBeDefined();
  });
});
