import { constants } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import fastify, { type FastifyInstance } from 'fastify';
import { reachablePath } from '../installation/address.ts';
import { limitBodies } from './bodies.ts';
import { anyClient, certifiedClients } from './clients.ts';
import { limitConnections, oneAtATime } from './connections.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type ReviewPorts, reviewRoutes } from './reviews.ts';

/** The certificate to serve with, in PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
  /**
   * The authority whose clients may post reviews; anyone may where there is none when the server is
   * built.
   */
  readonly clientAuthority?: string | undefined;
}

export interface WebhookApp extends FastifyInstance<Server> {
  /**
   * Serves with another certificate, and asks clients for one of another authority, from the next
   * handshake on.
   */
  renew(certificate: ServingCertificate): void;
}

/**
 * The webhook server: HTTPS, HTTP/1.1 (the API server forces it). It builds and does not listen.
 */
export function buildApp(
  certificate: ServingCertificate,
  ports: ReviewPorts,
  limits: Limits = defaultLimits,
): WebhookApp {
  const asksClients = certificate.clientAuthority !== undefined;
  const server = createServer({
    ...secureContext(certificate),
    requestCert: asksClients,
    rejectUnauthorized: false,
    handshakeTimeout: limits.receiveMs,
    requestTimeout: limits.receiveMs,
    headersTimeout: limits.receiveMs,
    connectionsCheckingInterval: limits.checkMs,
    // Idle connections are the business of limitConnections: a timer for each would be set anew at
    // each request.
    keepAliveTimeout: 0,
  });
  const clients = asksClients ? certifiedClients(server) : anyClient;
  const connections = limitConnections(server, limits);
  const app = fastify({
    serverFactory: (answer) =>
      server.on(
        'request',
        oneAtATime((request, response) => {
          connections.begun(request.socket);
          answer(request, response);
        }),
      ),
    clientErrorHandler: answerClientError,
    // Draining keeps answering on open connections; the listener is closed by then.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
    // Nothing here is told by request: a review has its uid.
    genReqId: () => '',
    // Nobody reads the query: the API server says its patience there, `?timeout=5s`.
    routerOptions: { querystringParser: () => ({}) },
  }) as unknown as WebhookApp;

  // What is no review has no body.
  app.removeAllContentTypeParsers();
  app.register(reviewRoutes(ports, { limits, clients, connections, bodies: limitBodies(limits) }));

  // Asked by the installation before it tells the API server of this address.
  app.get(reachablePath, async () => ({ status: 'ok' }));

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    // fastify's own text may quote the request; its code never does.
    const status =
      error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    void reply.code(status).send({ error: status === 500 ? 'internal error' : (error.code ?? 'bad request') });
  });
  const notFound = { error: 'not found' };
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
  let authority = certificate.clientAuthority;
  app.decorate('renew', (renewed: ServingCertificate) => {
    // All of it each time: what is not said again is the default again.
    app.server.setSecureContext(secureContext(renewed));
    if (renewed.clientAuthority !== authority) clients.changed();
    authority = renewed.clientAuthority;
  });
  return app;
}

function secureContext({ cert, key, clientAuthority }: ServingCertificate): SecureContextOptions {
  return {
    cert,
    key,
    ...(clientAuthority === undefined ? {} : { ca: clientAuthority }),
    minVersion: 'TLSv1.2',
    // The API server resumes no session and renegotiates none; others would have us work for
    // nothing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  };
}

/** What cannot be read as HTTP ends its connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // An API server may open a connection ahead of its first call: late is who has begun.
  if (isLate && socket.bytesRead === 0) return;
  const status = isLate
    ? '408 Request Timeout'
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  // Written at once, or not at all: who does not read is not waited for.
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroy();
}
