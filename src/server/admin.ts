import { createServer } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { limitConnections, oneAtATime } from './connections.ts';
import { defaultLimits } from './limits.ts';

/**
 * The kubelet opens a new connection for each probe, and a scraper keeps one or two. Beyond this
 * number the oldest connection is closed.
 */
const connections = 100;

/** Longer than the time between two scrapes. */
const idleMs = 90_000;

/** The questions of the probes and the scrape. */
export interface AdminPorts {
  /** Why the process is not ready, one sentence for each reason. Empty if it is ready. */
  readonly unready: () => readonly string[];
  /** Problems that are no reason to take the process out of service, one sentence each. */
  readonly notes: () => readonly string[];
  /** The state of the process, for people. It decides nothing. */
  readonly details: () => Readonly<Record<string, unknown>>;
  /** Metrics in the Prometheus text format. */
  readonly metrics: () => Promise<string>;
}

/**
 * The admin server: plain HTTP on a port of its own, for probes and scrapes. It builds and does not
 * listen.
 */
export function buildAdmin(ports: AdminPorts): FastifyInstance {
  const { receiveMs, checkMs } = defaultLimits;
  const timeouts = { requestTimeout: receiveMs, headersTimeout: receiveMs, connectionsCheckingInterval: checkMs };
  const server = createServer({ ...timeouts, keepAliveTimeout: 0 });
  const { begun, ending } = limitConnections(server, { connections, idleMs, receiveMs });
  const app = fastify({
    serverFactory: (answer) =>
      server.on(
        'request',
        oneAtATime((request, response) => {
          begun(request.socket);
          answer(request, response);
        }),
      ),
    bodyLimit: 1,
    logger: false,
  });
  app.addHook('preClose', () => ending());
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const waiting = ports.unready();
    const notes = ports.notes();
    const told = { ...(notes.length === 0 ? {} : { notes }), ...ports.details() };
    return waiting.length === 0
      ? { status: 'ready', ...told }
      : reply.code(503).send({ status: 'not ready', waiting, ...told });
  });
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return ports.metrics();
  });
  return app;
}
