import { createServer, type Server } from 'node:https';
import fastify, { type FastifyInstance } from 'fastify';
import { reachablePath } from '../installation/address.ts';
import { createReviewListener, type ReviewPorts } from './reviews.ts';

/** The certificate to serve with, in PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The API server closes its idle connections after 90 s; a server that closes first loses the request that crosses the close. */
const keepAliveTimeoutMs = 110_000;

/** The API server gives up after the webhook's timeout, 5 s: twice that and no client is there any more. */
const requestTimeoutMs = 10_000;

/**
 * The webhook server: HTTPS, HTTP/1.1 (the API server forces it). It builds and does not listen. Reviews are answered by their own listener,
 * everything else by the framework.
 */
export function buildApp(certificate: ServingCertificate, ports: ReviewPorts): FastifyInstance<Server> {
  const isReview = createReviewListener(ports);
  const app = fastify({
    serverFactory: (answerOther) =>
      createServer(
        {
          ...certificate,
          minVersion: 'TLSv1.2',
          keepAliveTimeout: keepAliveTimeoutMs,
          requestTimeout: requestTimeoutMs,
          headersTimeout: requestTimeoutMs,
        },
        (request, response) => {
          if (!isReview(request, response)) answerOther(request, response);
        },
      ),
    // Draining keeps answering on open connections; the listener is closed by then.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
  }) as unknown as FastifyInstance<Server>;

  // Asked by the installation before it tells the API server of this address.
  app.get(reachablePath, async () => ({ status: 'ok' }));

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    // fastify's own text may quote the request; its code never does.
    const status =
      error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    void reply.code(status).send({ error: status === 500 ? 'internal error' : (error.code ?? 'bad request') });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  return app;
}
