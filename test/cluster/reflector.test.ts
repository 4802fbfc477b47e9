import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { waitFor } from '../waiting.ts';
import { scene, started } from './reflector-scene.ts';
import { refusing } from './watch-server.ts';

describe('a reflector', () => {
  it('starts with the list, page by page, and is synced then', async () => {
    const { server, reflector, changes, stop } = await scene();
    for (let index = 0; index < 1_000; index += 1) server.put(`c${index}`, `uid-c${index}`);
    expect(reflector.synced()).toBe(false);
    expect(reflector.lastEventAgeMs()).toBe(Number.POSITIVE_INFINITY);
    await reflector.start(stop.signal);
    expect(reflector.synced()).toBe(true);
    expect([...reflector.values()]).toHaveLength(1_002);
    expect(server.lists()).toBe(3);
    expect(changes).toHaveLength(1_002);
    expect(changes[0]).toEqual(['shop/a', { tier: 'web' }, undefined]);
    expect(reflector.lastEventAgeMs()).toBeLessThan(10_000);
  });

  it('follows what changes', async () => {
    const { server, reflector, changes } = await started();
    server.put('a', 'uid-a', { tier: 'data' });
    server.remove('b');
    server.put('c', 'uid-c', { tier: 'api' });
    await waitFor(() => expect(changes).toHaveLength(3));
    expect(changes).toEqual([
      ['shop/a', { tier: 'data' }, { tier: 'web' }],
      ['shop/b', undefined, { tier: 'api' }],
      ['shop/c', { tier: 'api' }, undefined],
    ]);
    expect(reflector.get('shop/b')).toBeUndefined();
    expect(reflector.get('shop/c')).toEqual({ tier: 'api' });
    expect(server.lists()).toBe(1);
  });

  it('keeps only what the projection gives', async () => {
    const { server, reflector, changes } = await started({
      project: ({ metadata }) => (metadata.labels?.['tier'] === 'web' ? metadata.labels : undefined),
    });
    expect([...reflector.values()]).toEqual([{ tier: 'web' }]);
    server.put('a', 'uid-a', { tier: 'api' });
    await waitFor(() => expect(changes).toEqual([['shop/a', undefined, { tier: 'web' }]]));
  });

  it('tells a new object under an old name from a change, also after a gap', async () => {
    const { server, changes } = await started();
    server.put('a', 'uid-other', { tier: 'data' });
    await waitFor(() => expect(changes).toHaveLength(2));
    server.fail.watch = refusing(1, 410, 'Expired');
    server.endWatches();
    await waitFor(() => expect(server.lists()).toBe(2));
    expect(changes.slice(0, 2)).toEqual([
      ['shop/a', undefined, { tier: 'web' }],
      ['shop/a', { tier: 'data' }, undefined],
    ]);
  });

  it('survives handlers and projections that throw', async () => {
    const { server, reflector, changes, logged, stop } = await scene({
      project: ({ metadata }) => {
        if (metadata.name === 'b') throw new TypeError('no such field');
        return metadata.labels;
      },
    });
    reflector.onChange(() => {
      throw new Error('handler');
    });
    await reflector.start(stop.signal);
    await waitFor(() => expect(server.watches()).toHaveLength(1));
    server.put('c', 'uid-c');
    await waitFor(() => expect(changes.map(([key]) => key)).toEqual(['shop/a', 'shop/c']));
    expect(logged.some((line) => line.startsWith('object not understood'))).toBe(true);
    expect(logged.some((line) => line.startsWith('change handler failed'))).toBe(true);
  });

  it('says when it has listed, so that whoever compares with what should be there can look', async () => {
    const { server, reflector, stop } = await scene();
    const listed: number[] = [];
    reflector.onListed(() => listed.push([...reflector.values()].length));
    await reflector.start(stop.signal);
    expect(listed).toEqual([2]);
    server.remove('b');
    server.fail.watch = refusing(1, 410, 'Expired');
    server.endWatches();
    await waitFor(() => expect(listed).toEqual([2, 1]));
  });

  it('stops when it is told, and rejects where it was told before the first list', async () => {
    const { server, reflector, stop } = await scene();
    server.fail.list = (response) => {
      refusing(1, 500, 'InternalError')(response);
      return true;
    };
    const start = reflector.start(stop.signal);
    await waitFor(() => expect(server.lists()).toBeGreaterThan(2));
    stop.abort();
    await expect(start).rejects.toThrow();
    expect(reflector.synced()).toBe(false);
  });

  it('rejects at once where it was told before it starts', async () => {
    const { server, reflector } = await scene();
    await expect(reflector.start(AbortSignal.abort(new Error('told')))).rejects.toThrow('told');
    expect(server.lists()).toBe(0);
  });

  it('leaves nothing at its signal when it has ended', async () => {
    const onEnd = vi.fn();
    const { server, reflector, stop } = await scene({ isFinal: () => true, onEnd });
    server.fail.watch = refusing(1, 403, 'Forbidden');
    await reflector.start(stop.signal);
    await waitFor(() => expect(onEnd).toHaveBeenCalled());
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it('ends at a failure that is final, keeps what it has, and says why', async () => {
    const ends: unknown[] = [];
    const { server, reflector, logged, stop } = await scene({
      isFinal: ({ code }, hasSynced) => hasSynced && code === 403,
      onEnd: (failure) => ends.push(failure),
    });
    server.fail.list = refusing(1, 403, 'Forbidden');
    server.fail.watch = refusing(1, 403, 'Forbidden');
    await reflector.start(stop.signal);
    await waitFor(() => expect(ends).toMatchObject([{ code: 403, reason: 'Forbidden' }]));
    expect([[...reflector.values()].length, server.lists(), server.watches()]).toEqual([2, 2, ['3']]);
    expect(logged.filter((line) => line.startsWith('reflector ended'))).toEqual([]);
  });

  it('rejects where a final failure comes before the first list', async () => {
    const { reflector, server, stop } = await scene({ isFinal: () => true });
    server.fail.list = refusing(1, 500, 'InternalError');
    await expect(reflector.start(stop.signal)).rejects.toMatchObject({ code: 500 });
    expect(server.lists()).toBe(1);
  });
});
