// The worst balancer: it speaks TLS itself, and sends the two phases of an admission to two
// different replicas.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { Socket } from 'node:net';
import type { Cluster } from '../../src/cluster/connection.ts';
import { secrets } from '../../src/cluster/secrets.ts';
import { findFreePorts } from '../control-plane/ports.ts';
import { eventually, ownNamespace } from './installation.ts';

export interface Crossing {
  readonly url: string;
  /** Starts to serve with the certificate of the replicas, which must exist in their Secret. */
  open(targets: readonly [string, string]): Promise<void>;
  close(): Promise<void>;
}

/**
 * The interval is long enough that a creation has both phases in one turn, and short enough that
 * both replicas mark and judge all the time.
 */
const turnMs = 1_000;

export async function prepareCrossing(cluster: Cluster): Promise<Crossing> {
  const [port = 0] = await findFreePorts(1);
  const server = createServer();
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    url: `https://127.0.0.1:${port}`,
    async open(targets) {
      const { data } = await eventually('the certificate', () => secrets(cluster).get(ownNamespace, 'ringfence-tls'));
      server.setSecureContext({ cert: data['tls.crt'], key: data['tls.key'] });
      server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
        const { method = 'GET', url = '/', headers } = incoming;
        const turn = Math.floor(Date.now() / turnMs) + (url.startsWith('/mutate/') ? 1 : 0);
        const outgoing = request(`${targets[turn % 2 === 0 ? 0 : 1]}${url}`, { method, headers, agent });
        outgoing.once('response', (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        outgoing.once('error', () => response.destroy());
        incoming.pipe(outgoing);
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}
