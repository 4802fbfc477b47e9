import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { closingMs, unusedMs } from '../../src/server/connections.ts';
import type { Limits } from '../../src/server/limits.ts';
import { setUp } from '../admission/scene.ts';
import { waitFor } from '../waiting.ts';
import type { EagerClient } from './eager-client.ts';
import { listen, open, read, whole } from './sockets.ts';
import { build } from './webhook-server.ts';

let app: ReturnType<typeof build>;
let port: number;
let hold: Promise<void> | undefined;
let judging = 0;
async function serve(connections: number, limits: Partial<Limits> = {}): Promise<void> {
  const scene = setUp();
  app = build(
    {
      async handle(phase, body) {
        judging += 1;
        await hold;
        return scene.handle(phase, body);
      },
    },
    { connections, ...limits },
  );
  port = await listen(app);
}
afterEach(async () => {
  hold = undefined;
  judging = 0;
  app.server.closeAllConnections();
  await app.close();
});

async function use(socket: TLSSocket): Promise<TLSSocket> {
  socket.write(whole());
  expect((await read(socket, 1)).codes).toEqual([200]);
  return socket;
}
/** Waits until these connections are the ones that are open, and a moment longer. */
async function expectOpen(sockets: readonly TLSSocket[], wanted: readonly number[]): Promise<void> {
  const isOpen = () => expect(sockets.flatMap(({ destroyed }, index) => (destroyed ? [] : [index]))).toEqual(wanted);
  await waitFor(isOpen);
  // One that is closed besides would be closed by now.
  await delay(50);
  isOpen();
}

it('one connection too many closes the oldest of those that have brought nothing', async () => {
  await serve(3);
  const sockets: TLSSocket[] = [];
  for (let count = 0; count < 5; count += 1) sockets.push((await open(port)).resume());
  await expectOpen(sockets, [2, 3, 4]);
});

it('one that has brought a review stays, whatever comes after it', async () => {
  await serve(3);
  const sockets = [await use(await open(port))];
  for (let count = 0; count < 20; count += 1) sockets.push((await open(port)).resume());
  await expectOpen(sockets, [0, 19, 20]);
  await use(sockets[0] as TLSSocket);
});

it('where all have brought reviews, the one goes whose last is longest ago', async () => {
  await serve(3);
  const sockets = [await use(await open(port)), await use(await open(port)), await use(await open(port))];
  await use(sockets[0] as TLSSocket);
  sockets.push(await use(await open(port)));
  await expectOpen(sockets, [0, 2, 3]);
});

it('one whose review is being judged is not closed: where all are, who comes is', async () => {
  await serve(3);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold = promise;
  const sockets = [await open(port), await open(port), await open(port)];
  const answers = sockets.map((socket) => read(socket, 1));
  for (const socket of sockets) socket.write(whole());
  await waitFor(() => expect(judging).toBe(3));
  const late = await open(port).catch((error: NodeJS.ErrnoException) => error.code);
  expect(late).toBe('ECONNRESET');
  resolve();
  expect((await Promise.all(answers)).map(({ codes }) => codes)).toEqual([[200], [200], [200]]);
});

it('a client that asks again the moment it is answered is answered, though the turn is not over', async () => {
  const { handle } = setUp();
  const [questions, asked] = [5, new Int32Array(new SharedArrayBuffer(4))];
  let answered = 0;
  // Answers are sent at the end of a turn, with the audit lines. This turn lasts until the next
  // request arrives.
  const written = () => new Promise<void>((resolve) => setImmediate(() => resolve()));
  app = build({ handle, written });
  app.server.prependListener('request', (_request, response) => {
    const { end } = response;
    response.end = (...content: unknown[]) => {
      Reflect.apply(end, response, content);
      answered += 1;
      if (answered < questions) Atomics.wait(asked, 0, answered, 10_000);
      return response;
    };
  });
  port = await listen(app);
  const { port1, port2 } = new MessageChannel();
  const client = new Worker(new URL('eager-client.ts', import.meta.url), {
    workerData: { port, questions, asked, answers: port2 } satisfies EagerClient,
    transferList: [port2],
  });
  const answers = new Promise((resolve) => port1.once('message', resolve));
  expect(await answers).toBe(questions);
  await client.terminate();
});

it('one that was opened and never used does not hold up the end of the server', async () => {
  await serve(3);
  await use(await open(port));
  const unused = await open(port);
  const from = performance.now();
  await app.close();
  expect(unused.destroyed || (await closes(unused))).toBe(true);
  // The API server would keep the connection for 90 s, and a kubelet kills the process after 30.
  expect(performance.now() - from).toBeLessThan(5_000);
}, 20_000);

it('nor does a request that never becomes whole', async () => {
  await serve(3, { receiveMs: 300 });
  const half = await open(port);
  half.write(whole().subarray(0, -1));
  await once(app.server, 'request');
  await app.close();
  expect(half.destroyed || (await closes(half))).toBe(true);
});

it('a review that has arrived when the server ends is answered, though nobody has read it yet', async () => {
  await serve(3);
  const socket = await use(await open(port));
  const answer = read(socket, 1);
  // Timers come before the sockets in a turn of the event loop.
  await delay(1);
  socket.write(whole());
  await app.close();
  expect((await answer).codes).toEqual([200]);
});

it('and so is the first one of a connection that was not used before', async () => {
  await serve(3);
  const socket = await open(port);
  const answer = read(socket, 1);
  await delay(unusedMs + 1);
  // Of two timers that are due together, the first one runs first.
  const write = delay(closingMs).then(() => socket.write(whole()));
  await Promise.all([app.close(), write]);
  expect((await answer).codes).toEqual([200]);
});

async function closes(socket: TLSSocket): Promise<boolean> {
  await new Promise((resolve) => socket.resume().once('close', resolve));
  return true;
}
