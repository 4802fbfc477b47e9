// Slow and endless clients get a limited time, and other clients are served meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import type { Limits } from '../../src/server/limits.ts';
import { setUp } from '../admission/scene.ts';
import { ask, head, listen, open, read, right, whole } from './sockets.ts';
import { build } from './webhook-server.ts';

let app: ReturnType<typeof build> | undefined;
let port: number;
async function serve(limits: Partial<Limits>): Promise<void> {
  app = build(setUp(), limits);
  port = await listen(app);
}
afterEach(async () => {
  app?.server.closeAllConnections();
  await app?.close();
});

/**
 * Milliseconds. Short, because a test waits for them, and long enough for a busy machine to send a
 * request.
 */
const receiveMs = 400;
const patient = { receiveMs, checkMs: 50 };

/** Sends bytes one by one until the server closes. */
async function drip(socket: TLSSocket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await delay(20);
  }
}

/**
 * Opens connections one after the other. Each begins to send as soon as it is open: the time of all
 * handshakes together may be longer than the time that each connection has for its request.
 */
async function openEach(
  count: number,
  begin: (socket: TLSSocket) => void,
): Promise<readonly ReturnType<typeof read>[]> {
  const answers: ReturnType<typeof read>[] = [];
  while (answers.length < count) {
    const socket = await open(port);
    answers.push(read(socket));
    begin(socket);
  }
  return answers;
}

it.each<[string, Buffer]>([
  ['a head', whole()],
  ['a header without end', Buffer.from(`${head}x-a: ${'x'.repeat(10_000)}`)],
])('that drip %s are told that they are late', async (_, bytes) => {
  await serve(patient);
  const answers = await openEach(20, (socket) => void drip(socket, bytes));
  expect(await ask(port)).toBe(200);
  expect((await Promise.all(answers)).map(({ codes }) => codes)).toEqual(Array(20).fill([408]));
});

it.each<[string, string, Buffer]>([
  ['a body', `content-length: ${Buffer.byteLength(right)}`, Buffer.from(right)],
  ['a chunk', 'transfer-encoding: chunked', Buffer.from(`ffff\r\n${right}`)],
  ['chunks without end', 'transfer-encoding: chunked', Buffer.from('1\r\n \r\n'.repeat(1000))],
])('that drip %s are cut off', async (_, line, bytes) => {
  await serve(patient);
  const answers = await openEach(20, (socket) => {
    socket.write(`${head}${line}\r\n\r\n`);
    void drip(socket, bytes);
  });
  expect(await ask(port)).toBe(200);
  for (const { codes } of await Promise.all(answers)) expect(codes.every((code) => code === 408)).toBe(true);
});

it('that have not begun are let be, for an API server may be ahead of its first call', async () => {
  await serve(patient);
  const socket = await open(port);
  await delay(3 * receiveMs);
  socket.write(whole());
  expect((await read(socket, 1)).codes).toEqual([200]);
});

it('that do nothing for long are closed', async () => {
  await serve({ ...patient, idleMs: 600 });
  const [fresh, used] = [await open(port), await open(port)];
  used.write(whole());
  expect((await read(used, 1)).codes).toEqual([200]);
  expect((await Promise.all([read(fresh), read(used)])).map(({ codes }) => codes)).toEqual([[], []]);
});

it('that never shake hands are cut off', async () => {
  await serve(patient);
  const { connect } = await import('node:net');
  const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
  expect(await ask(port)).toBe(200);
});

it('that send more than a body may have are told so, and what comes after is forgotten', async () => {
  await serve({ body: 100_000 });
  const socket = await open(port);
  const answer = read(socket);
  socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < 1_000 && !socket.destroyed; sent += 1) {
    socket.write(`400\r\n${' '.repeat(1024)}\r\n`);
    await delay(0);
  }
  expect((await answer).codes).toEqual([413]);
});

it('whose bodies are too much together are asked to come again, on the same connection', async () => {
  const half = Buffer.byteLength(right) / 2;
  await serve({ free: 0, held: half * 3, receiveMs: 5_000 });
  const slow = await open(port);
  slow.write(`${head}content-length: ${half * 2}\r\n\r\n`);
  // Complete except for the last byte.
  slow.write(right.slice(0, -1));
  await delay(50);
  const second = await open(port);
  second.write(whole());
  const { codes, text } = await read(second, 1);
  expect(codes).toEqual([429]);
  expect(text).toMatch(/retry-after: 1\r\n/i);
  slow.write(right.slice(-1));
  expect((await read(slow, 1)).codes).toEqual([200]);
  second.write(whole());
  expect((await read(second, 1)).codes).toEqual([200]);
});

it('that go away in the middle of a body leave its room to others', async () => {
  const length = Buffer.byteLength(right);
  await serve({ free: 0, held: length * 1.5 });
  for (let time = 0; time < 5; time += 1) {
    const socket = await open(port);
    socket.write(`${head}content-length: ${length}\r\n\r\n${right.slice(0, -1)}`);
    await delay(30);
    socket.destroy();
    await delay(30);
  }
  expect(await ask(port)).toBe(200);
});

it('whose body holds more values than any object are told so', async () => {
  await serve({ judged: 1024 * 1024 });
  const body = `[${'{},'.repeat(100_000)}{}]`;
  const socket = await open(port);
  socket.write(whole(body));
  expect((await read(socket, 1)).codes).toEqual([413]);
  socket.write(whole());
  expect((await read(socket, 1)).codes).toEqual([200]);
});

it('that give up while they wait are not judged', async () => {
  const scene = setUp();
  let judged = 0;
  let goOn: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const weight = Buffer.byteLength(right) * 16;
  app = build(
    {
      async handle(phase, body) {
        judged += 1;
        if (judged === 1) await first;
        return scene.handle(phase, body);
      },
    },
    { judged: weight * 1.5 },
  );
  port = await listen(app);
  const sockets = [await open(port), await open(port), await open(port)] as const;
  for (const socket of sockets) {
    socket.write(whole());
    await delay(50);
  }
  sockets[1].destroy();
  await delay(50);
  const answers = [read(sockets[0], 1), read(sockets[2], 1)];
  goOn();
  expect((await Promise.all(answers)).map(({ codes }) => codes)).toEqual([[200], [200]]);
  expect(judged).toBe(2);
});
