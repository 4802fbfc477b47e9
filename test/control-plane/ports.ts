import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below 32768, where Linux (and 49152, where others) begin to hand out ports to outgoing
 * connections: so nobody is given our port while the API server is stopped for a restart. Above
 * 20000 few services live.
 */
const lowest = 20_000;
const highest = 32_767;

/**
 * `count` different ports on 127.0.0.1 that were free a moment ago; the caller retries when one is
 * taken meanwhile.
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
