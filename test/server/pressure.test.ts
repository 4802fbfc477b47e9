// The webhook server in a process with the heap of the Deployment, under loads that would break a
// server without limits. It stays within its memory and answers other requests.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pod, request, review } from '../admission/scene.ts';
import { isFullRun } from '../e2e/scale.ts';
import { findManifest } from '../manifests/manifests.ts';
import { ask, head, open, read, whole } from './sockets.ts';

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly limits: { readonly memory: string } };
}
const { template } = findManifest('Deployment')['spec'] as {
  template: { spec: { containers: [Container] } };
};
const [container] = template.spec.containers;
const heap = container.env.find(({ name }) => name === 'NODE_OPTIONS')?.value?.split(' ') ?? [];
const memoryMiB = Number.parseInt(container.resources.limits.memory, 10);

const mebibyte = 1024 * 1024;
// Thousands of handshakes, and bodies that take a tenth of a second each, on a busy machine.
const timeout = 120_000;

let server: ChildProcess;
let port: number;
let sockets: TLSSocket[];
let peakMiB: number;
let watch: NodeJS.Timeout;

beforeEach(async () => {
  sockets = [];
  peakMiB = 0;
  // A read takes five milliseconds, so judged reviews are held while others arrive.
  server = fork(fileURLToPath(new URL('app-process.ts', import.meta.url)), ['5'], { execArgv: heap });
  const [message] = (await once(server, 'message')) as [{ port: number }];
  port = message.port;
  watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentMiB());
  }, 20);
});
afterEach(async () => {
  clearInterval(watch);
  for (const socket of sockets) socket.destroy();
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
});

function residentMiB(): number {
  const text = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}

async function openMany(count: number): Promise<TLSSocket[]> {
  const opened: TLSSocket[] = [];
  // A few at a time, because the numbers of ports and of places in the listener's queue are
  // limited.
  while (opened.length < count) opened.push(...(await Promise.all(Array.from({ length: 100 }, () => open(port)))));
  sockets.push(...opened);
  return opened;
}

/** Sends requests, each on a new connection, until something is over. Returns the status codes. */
async function askUntil(over: Promise<unknown>): Promise<Set<number | undefined>> {
  const codes = new Set<number | undefined>();
  let isOver = false;
  void over.finally(() => {
    isOver = true;
  });
  do codes.add(await ask(port));
  while (!isOver);
  return codes;
}

/** A review with this filling in the status of its Pod. */
function reviewOf(filling: string): Buffer {
  const text = JSON.stringify(review(request('Pod', { ...pod(), status: 'HERE' }))).replace('"HERE"', () => filling);
  return whole(text);
}

/** The listener keeps a thousand, so both numbers are above its limit. */
const idle = isFullRun ? 10_000 : 2_500;

it('thousands of idle connections', { timeout }, async () => {
  const opening = openMany(idle);
  expect(await askUntil(opening)).toEqual(new Set([200]));
  expect(peakMiB).toBeLessThan(300);
  // The first connections were closed to make room for the last.
  const left = (await opening).filter(({ destroyed }) => !destroyed).length;
  expect(left).toBeLessThanOrEqual(1_000);
  expect(left).toBeGreaterThan(900);
});

it('3,000 connections that have begun a request', { timeout }, async () => {
  const opening = (async () => {
    for (let count = 0; count < 30; count += 1)
      for (const socket of await openMany(100))
        socket.write(`${head}content-length: 20000\r\n\r\n${' '.repeat(10_000)}`);
  })();
  expect(await askUntil(opening)).toEqual(new Set([200]));
  expect(peakMiB).toBeLessThan(memoryMiB);
});

const sevenMebibytes = 7 * mebibyte;
const empty = (bytes: number) => `[${'{},'.repeat(bytes / 3)}{}]`;
/**
 * Each is the worst of its kind: the longest text, the most strings, a dense object of the API, the
 * most values for its bytes.
 */
const large = [
  reviewOf(JSON.stringify('x'.repeat(sevenMebibytes))),
  reviewOf(`"${'\\"'.repeat(sevenMebibytes / 2)}"`),
  reviewOf(`[${'{"name":"some name","value":"some value"},'.repeat(sevenMebibytes / 43)}{}]`),
  reviewOf(empty(sevenMebibytes)),
  reviewOf(`${'['.repeat(sevenMebibytes / 2)}${']'.repeat(sevenMebibytes / 2)}`),
  whole('['.repeat(sevenMebibytes)),
  reviewOf(empty(mebibyte)),
];

it.each<[string, readonly Buffer[]]>([
  ['of 7 MiB', large],
  ['of a mebibyte that holds 350,000 objects', [reviewOf(empty(mebibyte))]],
  ['that are light, as far as they are looked at', [reviewOf(empty(255 * 1024))]],
])('64 bodies at once, %s', { timeout }, async (_, bodies) => {
  const sending = Promise.all(
    (await openMany(100)).slice(0, 64).map((socket, index) => {
      socket.write(bodies[index % bodies.length] ?? '');
      return read(socket, 1);
    }),
  );
  expect(await askUntil(sending)).toEqual(new Set([200]));
  const codes = (await sending).flatMap(({ codes }) => codes);
  // A request that a busy machine sends too slowly is cut off.
  expect(codes.length).toBeGreaterThan(48);
  expect(codes.filter((code) => ![200, 400, 408, 413, 429].includes(code))).toEqual([]);
  expect(peakMiB).toBeLessThan(memoryMiB);
});

it.each<[string, Buffer]>([
  ['reviews', whole()],
  ['questions whether it can be reached', Buffer.from('GET /reachable HTTP/1.1\r\nhost: x\r\n\r\n')],
])('a million %s, of which nobody reads the answers', { timeout }, async (_, one) => {
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => one));
  const flooding = (async () => {
    for (const socket of (await openMany(100)).slice(0, 50)) socket.pause().write(many);
    // Long enough for the server to crash, if it does.
    for (let count = 0; count < 10; count += 1) await ask(port);
  })();
  expect(await askUntil(flooding)).toEqual(new Set([200]));
  expect(peakMiB).toBeLessThan(memoryMiB);
});

it('50 bodies without end', { timeout }, async () => {
  const part = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`);
  const sending = Promise.all(
    (await openMany(100)).slice(0, 50).map(async (socket) => {
      const answer = read(socket);
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      // Sends at the speed at which the server reads.
      while (!socket.destroyed) await new Promise<void>((resolve) => void socket.write(part, () => resolve()));
      return answer;
    }),
  );
  expect(await askUntil(sending)).toEqual(new Set([200]));
  const codes = (await sending).map(({ codes: [code] }) => code);
  expect(codes.filter((code) => code !== undefined && ![408, 413, 429].includes(code))).toEqual([]);
  expect(peakMiB).toBeLessThan(memoryMiB);
});
