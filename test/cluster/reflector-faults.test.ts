import { describe, expect, it } from 'vitest';
import { waitFor } from '../waiting.ts';
import { refuse } from './fault-server.ts';
import { scene, started } from './reflector-scene.ts';
import { refusing, type WatchServer } from './watch-server.ts';

describe('a reflector goes on after', () => {
  it.each([
    ['401', refusing(2, 401, 'Unauthorized')],
    ['403', refusing(2, 403, 'Forbidden')],
    ['410', refusing(2, 410, 'Expired')],
    ['429', refusing(2, 429, 'TooManyRequests')],
    ['500', refusing(2, 500, 'InternalError')],
    ['503', refusing(2, 503, 'ServiceUnavailable')],
  ])('%s to its list and to its watch', async (_, fault) => {
    const { server, reflector, stop } = await scene();
    server.fail.list = fault;
    await reflector.start(stop.signal);
    await waitFor(() => expect(server.watches().length).toBeGreaterThan(0));
    const before = server.watches().length;
    server.fail.watch = refusing(2, 500, 'InternalError');
    server.endWatches();
    await waitFor(() => expect(server.watches().length).toBeGreaterThan(before + 2));
    server.put('c', 'uid-c');
    await waitFor(() => expect(reflector.get('shop/c')).toBeDefined());
  });

  it.each([
    ['a connection reset', (server: WatchServer) => server.reset()],
    ['a clean end', (server: WatchServer) => server.endWatches()],
    [
      '503 to a watch',
      (server: WatchServer) => {
        server.fail.watch = refusing(3, 503, 'ServiceUnavailable');
        server.endWatches();
      },
    ],
  ])('%s, from where it was, without a list', async (_, fault) => {
    const { server, reflector } = await started();
    server.put('c', 'uid-c');
    await waitFor(() => expect(reflector.get('shop/c')).toBeDefined());
    fault(server);
    server.put('d', 'uid-d');
    await waitFor(() => expect(reflector.get('shop/d')).toBeDefined());
    expect(server.lists()).toBe(1);
    expect(
      server
        .watches()
        .slice(1)
        .every((version) => version === '4'),
    ).toBe(true);
  });

  it('a bookmark, from there', async () => {
    const { server } = await started();
    server.say(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '77' } } })}\n`);
    server.endWatches();
    await waitFor(() => expect(server.watches().at(-1)).toBe('77'));
  });

  it('the end of its history (410, as a status and as an event), by a list', async () => {
    const { server, reflector, changes } = await started();
    server.say(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`);
    await waitFor(() => expect(server.lists()).toBe(2));
    server.fail.watch = refusing(1, 410, 'Expired');
    server.endWatches();
    await waitFor(() => expect(server.lists()).toBe(3));
    expect(reflector.get('shop/a')).toEqual({ tier: 'web' });
    // Each list reports the object again, so that a handler that missed an event gets it.
    expect(changes).toContainEqual(['shop/a', { tier: 'web' }, { tier: 'web' }]);
  });

  it('old events that are told again, which change nothing', async () => {
    const { server, reflector, changes } = await started();
    server.put('a', 'uid-a', { tier: 'data' });
    server.remove('b');
    await waitFor(() => expect(reflector.get('shop/b')).toBeUndefined());
    changes.length = 0;
    const old = (type: string, name: string, resourceVersion: string) => {
      const metadata = { namespace: 'shop', name, uid: `uid-${name}`, labels: { tier: 'web' }, resourceVersion };
      return `${JSON.stringify({ type, object: { metadata } })}\n`;
    };
    server.say(
      `${old('ADDED', 'a', '2')}${old('DELETED', 'a', '2')}${old('ADDED', 'b', '3')}${old('DELETED', 'a', '5')}`,
    );
    server.put('c', 'uid-c');
    await waitFor(() => expect(reflector.get('shop/c')).toBeDefined());
    expect(reflector.get('shop/a')).toEqual({ tier: 'data' });
    expect(reflector.get('shop/b')).toBeUndefined();
    expect(changes).toEqual([['shop/c', {}, undefined]]);
    server.endWatches();
    await waitFor(() => expect(server.watches().at(-1)).toBe('6'));
  });

  it.each(['list', 'watch'] as const)(
    'being asked to come later by its %s (Retry-After), and not before',
    async (call) => {
      const { server, reflector, stop } = await scene();
      const asked: number[] = [];
      server.fail[call] = (response) => {
        asked.push(performance.now());
        if (asked.length > 1) return false;
        response.setHeader('retry-after', '1');
        refuse(response, 429, 'TooManyRequests');
        return true;
      };
      await reflector.start(stop.signal);
      await waitFor(() => expect(asked.length).toBeGreaterThan(1));
      expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
    },
  );

  it('rubbish in its stream', async () => {
    const { server, reflector } = await started();
    server.say(
      '{"type":"ADDED"}\n{"type":"MODIFIED","object":null}\n{"type":"ADDED","object":{"metadata":[]}}\nno json\n\n',
    );
    server.put('c', 'uid-c');
    await waitFor(() => expect(reflector.get('shop/c')).toBeDefined());
    expect([...reflector.values()]).toHaveLength(3);
  });

  it('a connection that has fallen silent', async () => {
    const { server, reflector, logged } = await started({ silenceMs: 200 });
    server.fail.watch = undefined;
    await waitFor(() => expect(server.watches().length).toBeGreaterThan(1));
    expect(logged.some((line) => line.includes('"reason":"Timeout"'))).toBe(true);
    expect(server.lists()).toBe(1);
    expect(reflector.get('shop/a')).toBeDefined();
  });

  it('a watch that is never answered', async () => {
    const { server } = await started({ silenceMs: 100 });
    server.fail.watch = () => true;
    server.endWatches();
    await waitFor(() => expect(server.watches().length).toBeGreaterThan(3));
  });

  it('a deletion it never heard of, at the next full list', async () => {
    const { server, reflector, changes } = await started({ relistMs: 300 });
    server.fail.list = (response) => {
      response.end(JSON.stringify({ metadata: { resourceVersion: '9' }, items: [] }));
      return true;
    };
    await waitFor(() => expect([...reflector.values()]).toEqual([]));
    expect(changes).toContainEqual(['shop/b', undefined, { tier: 'api' }]);
  });

  it.each([
    ['429', refusing(1000, 429, 'TooManyRequests')],
    ['403', refusing(1000, 403, 'Forbidden')],
    ['500', refusing(1000, 500, 'InternalError')],
    ['504', refusing(1000, 504, 'Timeout')],
  ])('%s to each list after the first: its watch still tells what happens', async (_, fault) => {
    const { server, reflector, logged, changes } = await started({ relistMs: 300 });
    server.fail.list = fault;
    await waitFor(() => expect(logged.some((line) => line.startsWith('list failed'))).toBe(true));
    server.put('c', 'uid-c');
    await waitFor(() => expect(reflector.get('shop/c')).toBeDefined());
    expect(reflector.get('shop/a')).toBeDefined();
    server.fail.list = undefined;
    changes.length = 0;
    await waitFor(() => expect(changes).toContainEqual(['shop/a', { tier: 'web' }, { tier: 'web' }]));
  });

  it.each([
    ['not a list', '{}'],
    ['null', 'null'],
    ['a list of nothing sensible', '{"metadata":{"resourceVersion":"1"},"items":[null,7,{}]}'],
  ])('an answer that is %s', async (_, answer) => {
    const { server, reflector, stop } = await scene();
    let left = 2;
    server.fail.list = (response) => {
      left -= 1;
      if (left >= 0) response.end(answer);
      return left >= 0;
    };
    const start = reflector.start(stop.signal);
    await start;
    server.fail.watch = refusing(1, 410, 'Expired');
    await waitFor(() => expect(server.watches().length).toBeGreaterThan(0));
    server.endWatches();
    await waitFor(() => expect(reflector.get('shop/a')).toBeDefined());
  });

  it('a page that is larger than memory allows, with smaller pages', async () => {
    const { server, reflector, stop } = await scene();
    let pages = 0;
    server.fail.list = (response) => {
      pages += 1;
      if (pages > 1) return false;
      response.end(`"${'x'.repeat(9 * 1024 * 1024)}"`);
      return true;
    };
    await reflector.start(stop.signal);
    expect(server.requests.slice(0, 2)).toEqual(['GET /apis/x/v1/things?limit=500', 'GET /apis/x/v1/things?limit=125']);
    expect(reflector.get('shop/a')).toBeDefined();
  });
});

describe('a reflector never asks in a tight loop', () => {
  it.each([
    [
      'a server that ends each watch at once',
      (server: WatchServer) => {
        server.fail.watch = (response) => {
          response.end();
          return true;
        };
        server.endWatches();
      },
    ],
    [
      'a history that is always gone',
      (server: WatchServer) => {
        server.fail.watch = refusing(Number.POSITIVE_INFINITY, 410, 'Expired');
        server.endWatches();
      },
    ],
    [
      'a server that is broken',
      (server: WatchServer) => {
        server.fail.watch = refusing(Number.POSITIVE_INFINITY, 500, 'InternalError');
        server.fail.list = refusing(Number.POSITIVE_INFINITY, 500, 'InternalError');
        server.endWatches();
      },
    ],
  ])('at %s', async (_, fault) => {
    const { server, stop } = await started({ pauseMs: { first: 50, longest: 200 } });
    const before = server.requests.length;
    fault(server);
    // The measure is a rate, so time has to pass. In 1 s, pauses of 50, 100, 200, 200 … allow 7
    // rounds of two requests.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    stop.abort();
    const asked = server.requests.length - before;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(14);
  });
});
