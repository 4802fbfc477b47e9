import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/connection.ts';
import { limitCalls } from '../../src/cluster/limit.ts';

/** A limited cluster whose calls end when the test says so. */
function setUp(most: number) {
  const begun: { readonly path: string; end(error?: Error): void }[] = [];
  const told: string[] = [];
  const cluster: Cluster = {
    request<T>(_: string, path: string) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      begun.push({ path, end: (error) => (error === undefined ? resolve(path as T) : reject(error)) });
      return promise;
    },
    watch: async () => void told.push('watched'),
    close: async () => void told.push('closed'),
  };
  return { limited: limitCalls(cluster, most), begun, told };
}

describe('a limited cluster', () => {
  it('makes so many calls at once, and fails the next at once and by name', async () => {
    const { limited, begun } = setUp(2);
    const calls = [limited.request('GET', '/one'), limited.request('GET', '/two')];
    await expect(limited.request('GET', '/three')).rejects.toMatchObject({
      name: 'ApiError',
      code: 0,
      reason: 'Busy',
      message: 'GET /three: 2 calls of this kind are under way already',
    });
    expect(begun.map(({ path }) => path)).toEqual(['/one', '/two']);
    for (const call of begun) call.end();
    expect(await Promise.all(calls)).toEqual(['/one', '/two']);
  });

  it('has room again after an answer, and after a failure', async () => {
    const { limited, begun } = setUp(1);
    const first = limited.request('GET', '/one');
    begun[0]?.end();
    await first;
    const second = limited.request('GET', '/two');
    begun[1]?.end(new Error('down'));
    await expect(second).rejects.toThrow('down');
    const third = limited.request('GET', '/three');
    begun[2]?.end();
    expect(await third).toBe('/three');
  });

  it('watches and closes as the other does', async () => {
    const { limited, told } = setUp(0);
    await limited.watch({} as Parameters<Cluster['watch']>[0]);
    await limited.close();
    expect(told).toEqual(['watched', 'closed']);
  });
});
