import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type AdminPorts, buildAdmin } from '../../src/server/admin.ts';

/** Returns the answer of the admin server to a GET. */
async function get(url: string, ports: Partial<AdminPorts> = {}) {
  const app = buildAdmin({
    unready: () => [],
    notes: () => [],
    details: () => ({}),
    metrics: async () => 'up 1\n',
    ...ports,
  });
  const { statusCode, headers, body } = await app.inject({ method: 'GET', url });
  await app.close();
  return { status: statusCode, type: headers['content-type'], body };
}

describe('the admin server', () => {
  it('is alive as soon as it answers, ready or not', async () => {
    expect(await get('/healthz', { unready: () => ['waiting for cluster'] })).toMatchObject({ status: 200 });
  });

  it('is ready when nothing is waited for', async () => {
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"status":"ready"}' });
  });

  it('says what it waits for until then', async () => {
    const unready = () => ['waiting for certificate', 'draining'];
    expect(await get('/readyz', { unready })).toMatchObject({
      status: 503,
      body: '{"status":"not ready","waiting":["waiting for certificate","draining"]}',
    });
  });

  it('stays in service with a note of what is not as it should be', async () => {
    const notes = () => ['configuration not usable, version 7 stays: mode: is wrong'];
    expect(await get('/readyz', { notes })).toMatchObject({
      status: 200,
      body: '{"status":"ready","notes":["configuration not usable, version 7 stays: mode: is wrong"]}',
    });
    expect(await get('/readyz', { notes, unready: () => ['draining'] })).toMatchObject({
      status: 503,
      body: '{"status":"not ready","waiting":["draining"],"notes":["configuration not usable, version 7 stays: mode: is wrong"]}',
    });
    expect(await get('/readyz', { notes: () => [] })).toMatchObject({ status: 200, body: '{"status":"ready"}' });
  });

  it('tells people how things stand, ready or not', async () => {
    const details = () => ({ mode: 'enforce', informerAgeSeconds: { namespaces: 1.5 } });
    expect(await get('/readyz', { details })).toMatchObject({
      status: 200,
      body: '{"status":"ready","mode":"enforce","informerAgeSeconds":{"namespaces":1.5}}',
    });
    expect(await get('/readyz', { details, unready: () => ['draining'] })).toMatchObject({
      status: 503,
      body: '{"status":"not ready","waiting":["draining"],"mode":"enforce","informerAgeSeconds":{"namespaces":1.5}}',
    });
  });

  it('gives metrics in the Prometheus text format', async () => {
    expect(await get('/metrics')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'up 1\n',
    });
  });

  it('answers nothing else', async () => {
    for (const path of ['/', '/validate', '/reachable']) expect(await get(path)).toMatchObject({ status: 404 });
  });

  it('ends although someone keeps a connection on which nothing comes', async () => {
    const app = buildAdmin({ unready: () => [], notes: () => [], details: () => ({}), metrics: async () => 'up 1\n' });
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const kept = connect(Number(port), '127.0.0.1').resume();
    await once(kept, 'connect');
    await Promise.all([once(kept, 'close'), app.close()]);
  });

  it('has so many connections and no more, and hears one request of each at a time', async () => {
    const app = buildAdmin({ unready: () => [], notes: () => [], details: () => ({}), metrics: async () => 'up 1\n' });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(url).port);
    const sockets: Socket[] = [];
    for (let count = 0; count < 150; count += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket.resume());
      await once(socket, 'connect');
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(100);
    const ahead = connect(port, '127.0.0.1').on('error', () => undefined);
    let text = '';
    ahead.on('data', (part: Buffer) => {
      text += part.toString();
    });
    ahead.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
    await once(ahead, 'close');
    expect(text).toBe('');
    for (const socket of sockets) socket.destroy();
    await app.close();
  });
});
