import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Outgoing connections use ports from 32768 on Linux (from 49152 on others). Below them, nobody
 * gets the port while the API server is stopped for a restart. Above 20000 there are few services.
 */
const lowest = 20_000;
const highest = 32_767;
/**
 * A process listens on its port seconds after the port was chosen. So each worker of a test run
 * chooses from ports of its own, and no port twice. vitest numbers those that run at a time from 1.
 */
const shares = 8;
const share = Math.floor((highest + 1 - lowest) / shares);
const first = lowest + (Number(process.env['VITEST_POOL_ID'] ?? 0) % shares) * share;
const given = new Set<number>();

/**
 * Finds `count` different free ports on 127.0.0.1. The caller tries again if one is taken by
 * another program in the meantime.
 */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    if (given.size === share) given.clear();
    const port = randomInt(first, first + share);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
