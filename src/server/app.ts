import type { Server } from 'node:https';
import fastify, { type FastifyInstance } from 'fastify';
import type { Answer } from '../admission/handler.ts';
import { type Phase, webhookPaths } from '../admission/webhooks.ts';
import { reachablePath } from '../installation/address.ts';

/** What the app asks of the process. */
export interface AppPorts {
  readonly handle: (phase: Phase, body: unknown) => Promise<Answer>;
  /** While it drains, every answer ends its connection, so that the API server's next request finds another replica. */
  readonly isDraining: () => boolean;
}

/** The certificate to serve with, in PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * A review carries object, oldObject and options: 3 MiB twice (etcd's request limit is 1.5 MiB, the API server's 3 MiB), and some.
 * controller-runtime derives 7 MiB the same way.
 */
const bodyLimit = 8 * 1024 * 1024;

/** The API server closes its idle connections after 90 s; a server that closes first loses the request that crosses the close. */
const keepAliveTimeoutMs = 110_000;

/** The API server gives up after the webhook's timeout, 5 s: twice that and no client is there any more. */
const requestTimeoutMs = 10_000;

/**
 * The webhook server: HTTPS, HTTP/1.1 (the API server forces it), one route for each phase. It builds and does not listen.
 * Bodies are parsed here and not by fastify, whose parser answers an object key `__proto__` with 400: that would let any user fail a review.
 */
export function buildApp(certificate: ServingCertificate, { handle, isDraining }: AppPorts): FastifyInstance<Server> {
  const app = fastify({
    https: { ...certificate, minVersion: 'TLSv1.2' },
    bodyLimit,
    keepAliveTimeout: keepAliveTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: 0,
    // Draining keeps answering on open connections; the listener is closed by then.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
  }) as unknown as FastifyInstance<Server>;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close');
  });

  // Asked by the installation before it tells the API server of this address.
  app.get(reachablePath, async () => ({ status: 'ok' }));

  for (const [phase, path] of Object.entries(webhookPaths) as [Phase, string][]) {
    app.post(path, async (request, reply) => {
      const body = parse(request.body);
      if (body === undefined) return reply.code(400).send({ error: 'the body is not JSON' });
      const answer = await handle(phase, body.value);
      reply.header('content-type', 'application/json');
      if ('badRequest' in answer) return reply.code(400).send(JSON.stringify({ error: answer.badRequest }));
      return reply.send(JSON.stringify(answer.review));
    });
  }

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    // fastify's own text may quote the request; its code never does.
    const status =
      error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    void reply.code(status).send({ error: status === 500 ? 'internal error' : (error.code ?? 'bad request') });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  return app;
}

function parse(body: unknown): { readonly value: unknown } | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}
