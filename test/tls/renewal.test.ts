import { once } from 'node:events';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { handClock } from '../hand-clock.ts';
import { memorySecrets } from './memory-secrets.ts';
import { authorityOf, bundleSize, minute, type Replica, replica } from './replica.ts';

// Everything happens within the hour by which certificates are backdated, because TLS uses the real
// clock.
const lifetimes = { authorityMs: 16 * minute, certificateMs: 5 * minute, overlapMs: minute };
const tickMs = 15_000;
const ticks = (27 * minute) / tickMs;

it('two servers renew certificates and change authorities twice without one failed call', async () => {
  const [secrets, clock] = [memorySecrets(), handClock()];
  // The bundle that the API server trusts. The webhook configurations follow the replicas some time
  // later.
  let trusted = '';
  const isPublished = (bundle: string): boolean => bundle === trusted;
  const quick = replica(secrets, clock, { lifetimes, isPublished });
  const slow = replica(secrets, clock, { lifetimes, isPublished });
  await Promise.all([quick.refresh(), slow.refresh()]);
  trusted = quick.current().caBundle;
  const servers = [await serve(quick), await serve(slow)];

  const calls = { done: 0, failed: [] as string[] };
  const end = new AbortController();
  const callers = servers.map(async (server) => {
    while (!end.signal.aborted) {
      const error = await call(server, trusted);
      calls.done += 1;
      if (error !== undefined) calls.failed.push(error);
    }
  });
  const certificates = new Set<string>();
  const authorities = new Set<string>();
  const delayed: string[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    clock.move(tickMs);
    await quick.refresh();
    // One replica learns of everything late, but within an overlap.
    if (tick % 3 === 0) await slow.refresh();
    delayed.push(quick.current().caBundle);
    trusted = (delayed.length > 1 ? delayed.shift() : undefined) ?? trusted;
    certificates.add(quick.current().cert);
    authorities.add(authorityOf(quick));
    const before = calls.done;
    while (calls.done < before + 2) await new Promise((resolve) => setImmediate(resolve));
  }
  end.abort();
  await Promise.all(callers);
  for (const server of servers) server.close();

  expect(calls.failed).toEqual([]);
  expect(authorities.size).toBe(3);
  expect(certificates.size).toBeGreaterThanOrEqual(8);
  expect(calls.done).toBeGreaterThanOrEqual(2 * ticks);
}, 30_000);

it('a Secret that is deleted again and again costs no call, and its bundle does not grow', async () => {
  const [secrets, clock] = [memorySecrets(), handClock()];
  const source = replica(secrets, clock);
  await source.refresh();
  let trusted = source.current().caBundle;
  const server = await serve(source);
  for (let time = 0; time < 10; time += 1) {
    clock.move(minute);
    secrets.secret = undefined;
    await source.refresh();
    expect(await call(server, trusted)).toBeUndefined();
    trusted = source.bundleFor('validating', [trusted]);
    expect(await call(server, trusted)).toBeUndefined();
    expect(bundleSize(source)).toBe(2);
  }
  server.close();
});

it('a client that trusts another authority is refused (the calls above do check)', async () => {
  const [a, b] = [replica(memorySecrets(), handClock()), replica(memorySecrets(), handClock())];
  await Promise.all([a.refresh(), b.refresh()]);
  const server = await serve(a);
  expect(await call(server, a.current().caBundle)).toBeUndefined();
  expect(await call(server, b.current().caBundle)).toBeDefined();
  server.close();
});

async function serve(source: Replica): Promise<Server> {
  const server = createServer(source.current(), (_request, response) => response.end('ok'));
  source.onChange((material) => server.setSecureContext(material));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Makes one call on its own connection. Resolves to what went wrong. */
function call(server: Server, ca: string): Promise<string | undefined> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, ca, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(undefined));
    });
    sent.once('error', (error) => resolve(error.message));
    sent.end();
  });
}
