import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildView, type ViewApp } from '../../src/server/view.ts';

let app: ViewApp;
let host: string;
let asked: string[];
let readings: number;

beforeEach(async () => {
  asked = [];
  readings = 0;
  app = buildView({
    page: async ({ path, asked: query, sent }) => {
      asked.push(`${sent === undefined ? 'GET' : 'POST'} ${path} ${query} ${sent?.get('manifests') ?? ''}`.trim());
      if (path === '/breaks') throw new Error('a reason');
      return { status: 200, html: `page ${path}` };
    },
    newest: () => ({ number: readings }),
    readAgain: async () => {
      readings += 1;
    },
    refusal: (_, reason, text) => `refused: ${reason} ${text}`,
    style: 'body{}',
    script: "'use strict'",
  });
  host = new URL(await app.listen({ host: '127.0.0.1', port: 0 })).host;
});
afterEach(() => app.close());

type Headers = Readonly<Record<string, string>>;

async function get(url: string, headers: Headers = {}) {
  return app.inject({ method: 'GET', url, headers: { host, ...headers } });
}

async function post(url: string, headers: Headers = {}, payload = 'manifests=x') {
  const own = { host, origin: `http://${host}`, 'content-type': 'application/x-www-form-urlencoded' };
  return app.inject({ method: 'POST', url, headers: { ...own, ...headers }, payload });
}

async function admit(path = ''): Promise<string> {
  const answer = await get(`${app.admission()}${path}`);
  expect(answer.statusCode).toBe(303);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

describe('the one-time token', () => {
  it('becomes a cookie that no script reads and no other site sends, and leaves the address', async () => {
    const { statusCode, headers } = await get(`${app.admission()}&lang=zh`);
    expect([statusCode, headers.location]).toEqual([303, '/?lang=zh']);
    expect(headers['set-cookie']).toMatch(/^ringfence-view-\d+=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(asked).toEqual([]);
  });

  it('works once, and ends when there is a newer one', async () => {
    const [old, newer] = [app.admission(), app.admission()];
    expect((await get(old)).statusCode).toBe(403);
    expect((await get(newer)).statusCode).toBe(303);
    expect((await get(newer)).body).toBe('refused: token ');
  });

  it.each(['', 'wrong', '0'.repeat(64), '../..'])('%j lets nobody in', async (token) => {
    app.admission();
    const { statusCode, headers } = await get(`/?token=${token}`);
    expect([statusCode, headers['set-cookie']]).toEqual([403, undefined]);
  });

  // Sent as they are: app.inject would tidy them up.
  it.each(['//example.com/a', '/.//example.com/a', '/./\\\\example.com/a', '/b/..//example.com/a'])(
    'leads to no other host by %s',
    async (path) => {
      const sent = request({
        host: '127.0.0.1',
        port: new URL(`http://${host}`).port,
        path: `${path}${app.admission().slice(1)}`,
      }).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/example.com/a']);
    },
  );
});

describe('a request', () => {
  it('without the right cookie gets nothing but the style', async () => {
    const cookie = await admit();
    for (const path of ['/', '/script.js', '/findings', '/what-if', '/newest.json'])
      expect((await get(path)).statusCode, path).toBe(403);
    expect((await get('/', { cookie: cookie.replace(/.$/, (last) => (last === '0' ? '1' : '0')) })).statusCode).toBe(
      403,
    );
    expect((await get('/style.css')).body).toBe('body{}');
    expect((await get('/', { cookie: `a=b; ${cookie}` })).body).toBe('page /');
    expect(asked).toEqual(['GET /']);
  });

  it.each(['example.com', '127.0.0.1', '127.0.0.1:1', 'localhost.example.com:80'])(
    'to Host %s is refused, with the cookie and the token too',
    async (other) => {
      const cookie = await admit();
      expect((await get('/', { cookie, host: other })).statusCode).toBe(403);
      expect((await get(app.admission(), { host: other })).headers['set-cookie']).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );

  it('to localhost is answered', async () => {
    const cookie = await admit();
    expect((await get('/', { cookie, host: host.replace('127.0.0.1', 'localhost') })).statusCode).toBe(200);
  });

  it('of an open page for what is newest is answered as JSON', async () => {
    const { headers, body } = await get('/newest.json', { cookie: await admit() });
    expect([headers['content-type'], body]).toEqual(['application/json; charset=utf-8', '{"number":0}']);
    expect(headers['content-security-policy']).toContain("; connect-src 'self';");
  });

  it.each([
    { origin: 'http://example.com' },
    { origin: 'null' },
    { origin: 'https://127.0.0.1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('that writes with %j is refused', async (headers) => {
    const cookie = await admit();
    expect((await post('/what-if', { cookie, ...headers } as Headers)).statusCode).toBe(403);
    expect((await post('/?do=read', { cookie, ...headers } as Headers)).statusCode).toBe(403);
    expect([asked, readings]).toEqual([[], 0]);
  });

  it('that writes from its own page is answered', async () => {
    const cookie = await admit();
    expect((await post('/what-if', { cookie, 'sec-fetch-site': 'same-origin' })).body).toBe('page /what-if');
    const again = await post('/findings?team=a&do=read', { cookie });
    expect([again.statusCode, again.headers.location, readings]).toEqual([303, '/findings?team=a', 1]);
    expect(asked).toEqual(['POST /what-if  x']);
  });

  it('that is too large, or of another type, is refused', async () => {
    const cookie = await admit();
    expect((await post('/what-if', { cookie }, 'a'.repeat(4_000_001))).statusCode).toBe(413);
    expect((await post('/what-if', { cookie, 'content-type': 'application/json' }, '{}')).statusCode).toBe(415);
    expect(
      (await app.inject({ method: 'DELETE', url: '/', headers: { host, cookie, origin: `http://${host}` } }))
        .statusCode,
    ).toBe(404);
  });

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '//etc/passwd',
    '/style.css/../../package.json',
  ])('for %s reads no file: a path is only a name of a page', async (path) => {
    const cookie = await admit();
    const { body } = await get(path, { cookie });
    expect(body).not.toMatch(/root:|"name"/);
    expect(asked.every((one) => !one.includes('/../'))).toBe(true);
  });

  it('that fails says why, without a stack', async () => {
    const cookie = await admit();
    const { statusCode, body } = await get('/breaks', { cookie });
    expect([statusCode, body]).toEqual([500, 'refused: error a reason']);
  });
});

describe('every answer', () => {
  it.each(['/', '/nothing', '/style.css'])('%s says what a browser may do with it', async (path) => {
    const { headers } = await get(path, { cookie: await admit() });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self';/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
});
