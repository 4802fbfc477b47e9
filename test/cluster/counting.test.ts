import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { countCalls } from '../../src/cluster/counting.ts';

/** A cluster that answers every call in the same way, and the counted calls. */
function setUp(answer: () => Promise<unknown>) {
  const told: string[] = [];
  const cluster: Cluster = {
    request: <T>() => answer() as Promise<T>,
    async watch() {
      await answer();
    },
    close: async () => void told.push('closed'),
  };
  const counted = countCalls(cluster, (verb, status, ms) => told.push(`${verb} ${status}${ms >= 0 ? '' : ' early'}`));
  return { cluster: counted, told };
}

const watch = (signal: AbortSignal) => ({
  path: '/api/v1/namespaces',
  query: {},
  silenceMs: 1,
  signal,
  onOpen: () => undefined,
  onEvent: () => undefined,
});

describe('a counted cluster', () => {
  it('answers as the other does, and tells of each call when it has ended', async () => {
    const { cluster, told } = setUp(async () => 'answer');
    expect(await cluster.request('GET', '/api/v1/namespaces/shop')).toBe('answer');
    expect(await cluster.request('PATCH', '/api/v1/namespaces/shop', { body: {} })).toBe('answer');
    await cluster.watch(watch(new AbortController().signal));
    expect(told).toEqual(['GET 200', 'PATCH 200', 'WATCH 200']);
  });

  it.each([
    ['a refusal', new ApiError('no', { code: 403 }), 403],
    ['silence', new ApiError('timeout', { reason: 'Timeout' }), 0],
    ['a defect', new TypeError('undefined is not a function'), 0],
  ])('throws %s as it was thrown, and tells of it', async (_, error, status) => {
    const { cluster, told } = setUp(() => Promise.reject(error));
    await expect(cluster.request('GET', '/x')).rejects.toBe(error);
    await expect(cluster.watch(watch(new AbortController().signal))).rejects.toBe(error);
    expect(told).toEqual([`GET ${status}`, `WATCH ${status}`]);
  });

  it('tells of no call that its caller ended: that is no failure of the API server', async () => {
    const { cluster, told } = setUp(() => Promise.reject(new ApiError('aborted')));
    const signal = AbortSignal.abort();
    await expect(cluster.request('GET', '/x', { signal })).rejects.toThrow('aborted');
    await expect(cluster.watch(watch(signal))).rejects.toThrow('aborted');
    expect(told).toEqual([]);
  });

  it('closes', async () => {
    const { cluster, told } = setUp(async () => undefined);
    await cluster.close();
    expect(told).toEqual(['closed']);
  });
});
