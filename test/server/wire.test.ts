// Requests that the API server would never send: they are refused without an effect on others.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { SecureVersion } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp } from '../admission/scene.ts';
import { ask, head, listen, open, read, right, whole } from './sockets.ts';
import { build } from './webhook-server.ts';

const length = Buffer.byteLength(right);
const chunked = (body: string, extension = '') =>
  `${Buffer.byteLength(body).toString(16)}${extension}\r\n${body}\r\n0\r\n\r\n`;
const text = whole().toString();
const toDecide = (line: string, body = right) => `${head}${line}\r\n\r\n${body}`;

let scene: ReturnType<typeof setUp>;
let app: ReturnType<typeof build>;
let port: number;
beforeAll(async () => {
  scene = setUp();
  // A machine that stands still for seconds must not look like a client that does.
  app = build(scene, { receiveMs: 120_000 });
  port = await listen(app);
});
afterAll(() => app.close());

describe('a request', () => {
  it.each<[string, string]>([
    ['with both lengths', toDecide(`content-length: ${length}\r\ntransfer-encoding: chunked`, chunked(right))],
    ['with both lengths, the other first', toDecide('transfer-encoding: chunked\r\ncontent-length: 4', chunked(right))],
    ['with one length twice', toDecide(`content-length: ${length}\r\ncontent-length: ${length}`)],
    ['with two lengths', toDecide(`content-length: ${length}\r\ncontent-length: 5`)],
    ['with a list of lengths', toDecide(`content-length: ${length}, ${length}`)],
    ['with a length that has a sign', toDecide(`content-length: +${length}`)],
    ['with a length in hexadecimal', toDecide(`content-length: 0x${length.toString(16)}`)],
    ['with a length below nothing', toDecide('content-length: -1')],
    ['with a length beyond every number', toDecide('content-length: 99999999999999999999999')],
    ['with a space before a colon', toDecide(`content-length : ${length}`)],
    ['with a folded header', toDecide(`x-a: b\r\n c\r\ncontent-length: ${length}`)],
    ['with a folded transfer-encoding', toDecide('transfer-encoding:\r\n chunked', chunked(right))],
    ['with line feeds alone', text.replaceAll('\r\n', '\n')],
    ['with one line feed alone', toDecide(`x-a: b\ncontent-length: ${length}`)],
    ['with a carriage return alone', toDecide(`x-a: b\rx-b: c\r\ncontent-length: ${length}`)],
    ['with a NUL in a header', toDecide(`x-a: b\0c\r\ncontent-length: ${length}`)],
    ['with an unknown transfer-encoding', toDecide('transfer-encoding: xchunked', chunked(right))],
    ['with a transfer-encoding after chunked', toDecide('transfer-encoding: chunked, identity', chunked(right))],
    ['with two transfer-encodings', toDecide('transfer-encoding: chunked\r\ntransfer-encoding: x', chunked(right))],
    [
      'with a chunk of more bytes than there are numbers',
      toDecide('transfer-encoding: chunked', `${'f'.repeat(17)}\r\n`),
    ],
    ['with a chunk below nothing', toDecide('transfer-encoding: chunked', '-1\r\n')],
    [
      'with an endless chunk extension',
      toDecide('transfer-encoding: chunked', chunked(right, `;a=${'x'.repeat(20_000)}`)),
    ],
    [
      'with a line feed after a chunk’s length',
      toDecide('transfer-encoding: chunked', chunked(right).replace('\r', '')),
    ],
    [
      'with a length in the trailers',
      toDecide('transfer-encoding: chunked', chunked(right).replace(/\r\n$/, 'content-length: 3\r\n\r\n')),
    ],
    ['with a method in small letters', text.replace('POST', 'post')],
    ['without a host', text.replace('host: ringfence\r\n', '')],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['that is no HTTP', '\x16\x03\x01\x02\x00'],
  ])('%s is a bad request, and the connection ends', async (_, bytes) => {
    scene.audited.length = 0;
    const socket = await open(port);
    socket.write(bytes);
    expect((await read(socket)).codes).toEqual([400]);
    expect(scene.audited).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['with a header of 20 KB', toDecide(`x-a: ${'x'.repeat(20_000)}\r\ncontent-length: ${length}`), 431],
    ['with headers of 20 KB', toDecide(`${'x: y\r\n'.repeat(4_000)}content-length: ${length}`), 431],
    ['for another server, in absolute form', text.replace('/validate', 'https://elsewhere/validate'), 404],
    ['that posts to no review', text.replace('/validate/enforced', '/reachable'), 404],
  ])('%s is refused', async (_, bytes, code) => {
    const socket = await open(port);
    socket.write(bytes);
    expect((await read(socket, 1)).codes).toEqual([code]);
    socket.destroy();
  });

  it.each<[string, string, number[]]>([
    ['in chunks', toDecide('transfer-encoding: chunked', chunked(right)), [200]],
    ['in chunks with an extension', toDecide('transfer-encoding: chunked', chunked(right, ';a=b')), [200]],
    ['that asks to go on first', toDecide(`expect: 100-continue\r\ncontent-length: ${length}`), [100, 200]],
    [
      'that would rather speak something else',
      toDecide(`connection: upgrade\r\nupgrade: h2c\r\ncontent-length: ${length}`),
      [200],
    ],
  ])('%s is answered', async (_, bytes, codes) => {
    const socket = await open(port);
    socket.write(bytes);
    expect((await read(socket, codes.length)).codes).toEqual(codes);
    socket.destroy();
  });

  it('before the answer to the one before ends the connection', async () => {
    const socket = await open(port);
    socket.write(text.repeat(3));
    expect((await read(socket)).codes).toEqual([]);
    expect(await ask(port)).toBe(200);
  });

  it('hidden in a body is a body', async () => {
    const socket = await open(port);
    for (const body of [`${right.slice(0, -1)}, "x": ${JSON.stringify(text)}}`, right]) {
      socket.write(whole(body));
      expect((await read(socket, 1)).codes).toEqual([200]);
    }
    socket.destroy();
  });
});

describe('TLS', () => {
  it.each<[SecureVersion, boolean]>([
    ['TLSv1', false],
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ])('%s is spoken: %s', async (version, isSpoken) => {
    // By default the client does not offer the old versions.
    const offer = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    const answered = ask(port, offer).catch((error: NodeJS.ErrnoException) => error.code);
    expect(await answered).toBe(isSpoken ? 200 : 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('is not renegotiated, which costs the server ten times what it costs the client', async () => {
    const socket = await open(port, { maxVersion: 'TLSv1.2' });
    let renegotiated = 0;
    for (let time = 0; time < 3; time += 1) socket.renegotiate({}, (error) => (renegotiated += error === null ? 1 : 0));
    socket.write(whole());
    await read(socket, 1);
    expect(renegotiated).toBe(0);
    socket.destroy();
  });

  it.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('sessions of %s are not resumed', async (version) => {
    const first = await open(port, { maxVersion: version, minVersion: version });
    first.write(whole());
    const [session] =
      version === 'TLSv1.2' ? [first.getSession()] : await Promise.race([once(first, 'session'), delay(200, [])]);
    first.destroy();
    const again = await open(port, {
      maxVersion: version,
      ...(session === undefined ? {} : { session: session as Buffer }),
    });
    expect(again.isSessionReused()).toBe(false);
    again.destroy();
  });

  it('that is none ends the connection and nothing else', async () => {
    const { connect } = await import('node:net');
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    socket.resume().on('error', () => undefined);
    await once(socket, 'close');
    expect(await ask(port)).toBe(200);
  });
});
