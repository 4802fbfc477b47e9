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
   * The authority whose clients may post reviews. If there is none when the server is built, anyone
   * may post.
   */
  readonly clientAuthority?: string | undefined;
}

/** What the webhook server asks of the process. */
export interface AppPorts extends ReviewPorts {
  /** The version of this release, for replicas of others. */
  readonly release: string;
}

export interface WebhookApp extends FastifyInstance<Server> {
  /**
   * From the next handshake on, serves with another certificate and asks clients for a certificate
   * of another authority.
   */
  renew(certificate: ServingCertificate): void;
}

/**
 * The webhook server: HTTPS with HTTP/1.1, which the API server forces. It builds and does not
 * listen.
 */
export function buildApp(certificate: ServingCertificate, ports: AppPorts, limits: Limits = defaultLimits): WebhookApp {
  const asksClients = certificate.clientAuthority !== undefined;
  const server = createServer({
    ...secureContext(certificate),
    requestCert: asksClients,
    rejectUnauthorized: false,
    handshakeTimeout: limits.receiveMs,
    requestTimeout: limits.receiveMs,
    headersTimeout: limits.receiveMs,
    connectionsCheckingInterval: limits.checkMs,
    // limitConnections closes idle connections. A timer for each connection would have to be set
    // again at each request.
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
    // While draining, the server still answers on open connections. The listener is already closed.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
    // Requests need no id here, because a review has its uid.
    genReqId: () => '',
    // Nobody reads the query. The API server states its timeout there, as `?timeout=5s`.
    routerOptions: { querystringParser: () => ({}) },
  }) as unknown as WebhookApp;

  // Only reviews have a body.
  app.removeAllContentTypeParsers();
  app.register(reviewRoutes(ports, { limits, clients, connections, bodies: limitBodies(limits) }));

  app.addHook('preClose', () => connections.ending());

  // Asked by the installation before it tells the API server of this address, and by replicas of
  // another release.
  app.get(reachablePath, async () => ({ status: 'ok', release: ports.release }));

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    // fastify's own text may quote the request, but its code never does.
    const status =
      error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    void reply.code(status).send({ error: status === 500 ? 'internal error' : (error.code ?? 'bad request') });
  });
  const notFound = { error: 'not found' };
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(notFound));
  let authority = certificate.clientAuthority;
  app.decorate('renew', (renewed: ServingCertificate) => {
    // All options are set each time, because an omitted option returns to its default.
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
    // The API server neither resumes sessions nor renegotiates. For other clients this would only
    // cost work.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  };
}

/** If the input cannot be read as HTTP, the connection ends. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // An API server may open a connection before its first call. So only a connection that has sent
  // bytes can be late.
  if (isLate && socket.bytesRead === 0) return;
  const status = isLate
    ? '408 Request Timeout'
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  // The answer is written at once or not at all. The server does not wait for a client that does
  // not read.
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroy();
}
