import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Outgoing connections use ports from 32768 on Linux (from 49152 on others). Below them, nobody
 * gets the port while the API server is stopped for a restart. Above 20000 there are few services.
 */
const lowest = 20_000;
const highest = 32_767;

/**
 * Finds `count` different free ports on 127.0.0.1. The caller tries again if one is taken in the
 * meantime.
 */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(lowest, highest + 1);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
