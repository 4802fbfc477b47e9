import { describe, expect, it } from 'vitest';
import { connected, failure, refuse, serveFaults, serveSecurely, writeKubeconfig } from './fault-server.ts';

describe('a call', () => {
  it('sends method, query, credentials and JSON, and gives the raw answer', async () => {
    const seen: unknown[] = [];
    const server = await serveSecurely((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const { authorization, accept, 'content-type': contentType } = request.headers;
        seen.push({ url: request.url, body, authorization, accept, contentType });
        response.end('{"__proto__":{"a":1},"x":[]}');
      });
    });
    const answer = await connected(server.kubeconfig).request('PATCH', '/apis/x/v1/things/a', {
      query: { force: true, skipped: undefined, fieldManager: 'ring fence' },
      contentType: 'application/apply-patch+yaml',
      body: { b: 'ü' },
    });
    expect(JSON.stringify(answer)).toBe('{"__proto__":{"a":1},"x":[]}');
    expect(seen).toEqual([
      {
        url: '/apis/x/v1/things/a?force=true&fieldManager=ring+fence',
        body: '{"b":"ü"}',
        authorization: 'Bearer token',
        accept: 'application/json',
        contentType: 'application/apply-patch+yaml',
      },
    ]);
  });

  it('shares connections', async () => {
    const server = await serveFaults((_, response) => response.end('{}'));
    const cluster = connected(server.kubeconfig);
    for (let call = 0; call < 20; call += 1) await cluster.request('GET', '/a');
    expect(server.requests).toHaveLength(20);
    // undici opens a second connection if the first has not yet read the end of its body.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

/** Milliseconds: for a hang, not for a machine under load. */
const timeoutMs = 60_000;

describe('an answer', () => {
  it('with warnings tells them to whoever asks', async () => {
    const server = await serveFaults((_, response) => {
      response.setHeader('warning', ['299 - "one"', '299 - "say \\"two\\""']);
      response.end('{}');
    });
    const told: string[] = [];
    const cluster = connected(server.kubeconfig);
    await cluster.request('PATCH', '/a', { timeoutMs, onWarning: (text) => void told.push(text) });
    await cluster.request('PATCH', '/a', { timeoutMs });
    expect(told).toEqual(['one', 'say "two"']);
  });
});

describe('a refusal', () => {
  const status = (code: number, reason: string, message: string): string =>
    JSON.stringify({ kind: 'Status', code, reason, message });
  it.each([
    [409, status(409, 'Conflict', 'it changed'), 'Conflict', 'GET /a: 409 Conflict it changed'],
    [404, '404 page not found\n', '', 'GET /a: 404 404 page not found'],
    [502, '<html>\n\n<body>bad gateway', '', 'GET /a: 502 <html> <body>bad gateway'],
    [500, '', '', 'GET /a: 500'],
    [302, '', '', 'GET /a: 302'],
    [200, '<html>', '', 'GET /a: the answer is not JSON'],
    [403, '{"kind":"Status","reason":7,"message":{}}', '', 'GET /a: 403'],
  ])('with %i and %j is an ApiError of one line', async (code, body, reason, message) => {
    const server = await serveFaults((_, response) => {
      response.statusCode = code;
      response.setHeader('location', '/elsewhere');
      response.end(body);
    });
    const error = await failure(connected(server.kubeconfig).request('GET', '/a'));
    expect(error).toMatchObject({ code: code === 200 ? 0 : code, reason, message });
    expect(server.requests).toHaveLength(1);
  });

  it('with a Retry-After carries its seconds', async () => {
    const server = await serveFaults((_, response) => {
      response.setHeader('retry-after', '7');
      refuse(response, 429, 'TooManyRequests');
    });
    expect(await failure(connected(server.kubeconfig).request('GET', '/a'))).toMatchObject({
      code: 429,
      retryAfterSeconds: 7,
    });
  });

  it.each([
    [status(403, 'Forbidden', 'Namespace shop: no\n  because'), 'Namespace shop: no\n  because'],
    ['a proxy says no', ''],
  ])('keeps what a Status says for a person, and nothing else: %j', async (body, statusMessage) => {
    const server = await serveFaults((_, response) => {
      response.statusCode = 403;
      response.end(body);
    });
    expect(await failure(connected(server.kubeconfig).request('GET', '/a'))).toMatchObject({ statusMessage });
  });

  it('with a long message is cut', async () => {
    const server = await serveFaults((_, response) => refuse(response, 422, 'Invalid', 'x'.repeat(100_000)));
    const error = await failure(connected(server.kubeconfig).request('GET', '/a'));
    expect(error.message.length).toBeLessThanOrEqual(400);
    expect(error.statusMessage.length).toBeLessThanOrEqual(32_768);
  });
});

describe('a call without an answer', () => {
  it.each([
    ['no headers', 0],
    ['a body that stops', 1],
  ])('times out on %s', async (_, bytes) => {
    const server = await serveFaults((__, response) => {
      if (bytes > 0) response.write('{');
    });
    expect(await failure(connected(server.kubeconfig).request('GET', '/a', { timeoutMs: 50 }))).toMatchObject({
      code: 0,
      reason: 'Timeout',
      message: 'GET /a: no answer from the API server within 0.05 s',
    });
  });

  it('does not count the time in which this process stood still', async () => {
    const server = await serveFaults((_, response) => {
      setImmediate(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
        response.end('{}');
      });
    });
    expect(await connected(server.kubeconfig).request('GET', '/a', { timeoutMs: 300 })).toEqual({});
  });

  it('ends when its caller aborts', async () => {
    const controller = new AbortController();
    const server = await serveFaults(() => controller.abort());
    const call = connected(server.kubeconfig).request('GET', '/a', { signal: controller.signal });
    expect(await failure(call)).toMatchObject({ code: 0 });
  });

  it('has code 0 where nobody listens', async () => {
    const { file } = writeKubeconfig({ server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true }, {});
    const error = await failure(connected(file).request('GET', '/a'));
    expect(error).toMatchObject({ code: 0, reason: '' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('has the reason AnswerTooLarge where more comes than a page may hold', async () => {
    const server = await serveFaults((_, response) => response.end(`"${'x'.repeat(33 * 1024 * 1024)}"`));
    expect(await failure(connected(server.kubeconfig).request('GET', '/a'))).toMatchObject({
      code: 0,
      reason: 'AnswerTooLarge',
    });
  });

  it.each([
    ['GET', undefined, 2],
    ['POST', undefined, 1],
    ['POST', true, 2],
  ] as const)('is sent again when its connection is lost: %s, repeatable %s', async (method, repeatable, times) => {
    const server = await serveFaults((request) => request.socket.resetAndDestroy());
    const options = repeatable === undefined ? {} : { repeatable };
    await failure(connected(server.kubeconfig).request(method, '/a', { ...options, body: {} }));
    expect(server.requests).toHaveLength(times);
  });

  it('succeeds the second time where only the connection was at fault', async () => {
    let first = true;
    const server = await serveFaults((request, response) => {
      if (first) request.socket.resetAndDestroy();
      else response.end('{"ok":true}');
      first = false;
    });
    expect(await connected(server.kubeconfig).request('GET', '/a')).toEqual({ ok: true });
  });
});
