import { describe, expect, it } from 'vitest';
import { countRefused } from '../../src/admission/residents.ts';
import type { Gate } from '../../src/baseline/gate.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { reviewPorts } from '../../src/process/review-ports.ts';
import { configIn, fenced, pod } from '../admission/scene.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';

const silent = { synced: () => true, lastEventAgeMs: () => 0, start: async () => undefined, get: () => undefined };
const reflector = { ...silent, values: () => [], onChange: () => undefined, onListed: () => undefined };
const gate: Gate = { facts: () => Promise.reject(new Error('nobody asks')) };

/** The ports with an API server in memory, and the most parallel calls on each connection. */
function setUp() {
  const { cluster, calls, put, world } = createMemoryApi();
  const questions: unknown[] = [];
  const most = { reviews: 0, lists: 0 };
  function counted(kind: keyof typeof most): Cluster {
    let underWay = 0;
    return {
      async request(method, path, options) {
        underWay += 1;
        most[kind] = Math.max(most[kind], underWay);
        await new Promise((resolve) => setTimeout(resolve, 1));
        underWay -= 1;
        if (!path.endsWith('/subjectaccessreviews')) return cluster.request(method, path, options);
        questions.push(options?.body);
        return { status: { allowed: true } } as never;
      },
      watch: () => Promise.reject(new Error('nobody watches')),
      close: async () => undefined,
    };
  }
  const connections = { reviews: counted('reviews'), lists: counted('lists'), now: () => 0 };
  const metrics = { asked: () => undefined };
  const ports = reviewPorts({ connections, namespaces: reflector, policies: reflector, gate, metrics });
  return { ports, calls, put, world, questions, most };
}

const many = <T>(ask: () => Promise<T>): Promise<readonly T[]> => Promise.all(Array.from({ length: 100 }, ask));

describe('what reviews ask of the API server', () => {
  it('is listed twice for each kind, however many reviews raise the namespace at once', async () => {
    const { ports, calls, put, most } = setUp();
    put('/api/v1/namespaces/shop/pods/wrong', pod({}));
    const shop = { name: 'shop', labels: new Map(Object.entries(fenced)), fenced: true };
    const counts = await many(() => countRefused(shop, ports, configIn('observe'), createBudget(reviewLimits)));
    // Nine are judged, one of them at once. There is no time for the others.
    const told = counts.filter(([first]) => first?.problem === undefined);
    expect(told.length).toBeGreaterThan(1);
    for (const count of told) expect(count).toEqual([{ resource: 'pods', count: 1, isWhole: true }]);
    const lists = calls.filter((call) => call.startsWith('LIST '));
    expect(lists.filter((call) => call === 'LIST pods/shop')).toHaveLength(2);
    expect(lists).toHaveLength(2 * new Set(lists).size);
    expect(most).toEqual({ reviews: 0, lists: new Set(lists).size });
  });

  it('is listed for each namespace by itself', async () => {
    const { ports, calls } = setUp();
    const names = ['shop', 'other'];
    await Promise.all(
      names.map((name) => {
        const namespace = { name, labels: new Map(), fenced: false };
        return countRefused(namespace, ports, configIn('observe'), createBudget(reviewLimits));
      }),
    );
    expect(calls.filter((call) => / pods\//.test(call))).toEqual(['LIST pods/shop', 'LIST pods/other']);
  });

  it('is one SubjectAccessReview for all who ask the same, and one for each other question', async () => {
    const { ports, questions } = setUp();
    const permission = { verb: 'claim', resource: 'identities', name: 'env:prod' } as const;
    const dev = { username: 'dev', groups: ['developers'] };
    expect(new Set(await many(() => ports.isAllowed(dev, permission)))).toEqual(new Set([true]));
    expect(questions).toHaveLength(2);
    await Promise.all([
      ports.isAllowed(dev, permission),
      ports.isAllowed({ ...dev, groups: ['operators'] }, permission),
      ports.isAllowed({ ...dev, extra: { scopes: ['few'] } }, permission),
      ports.isAllowed(dev, { ...permission, name: 'env:dev' }),
    ]);
    expect(questions).toHaveLength(6);
  });

  it('is one read of a namespace for all who ask for it', async () => {
    const { ports, calls, put } = setUp();
    put('/api/v1/namespaces/shop', { metadata: { labels: fenced } });
    await many(() => ports.readNamespace('shop'));
    expect(calls).toEqual(['GET namespaces/shop', 'GET namespaces/shop']);
  });
});
