import type { Server } from 'node:https';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';
import type { Answer } from '../admission/handler.ts';
import { type Phase, webhookPaths } from '../admission/webhooks.ts';
import type { Bodies } from './bodies.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import { type IncomingBody, readBody } from './incoming-body.ts';
import type { Limits } from './limits.ts';
import { barredClient, Refusal, type RefusalReason, wrongType } from './refusals.ts';

/** What the webhook routes need from the process. */
export interface ReviewPorts {
  readonly handle: (phase: Phase, body: unknown) => Promise<Answer>;
  /** Resolves when the audit line of an answer is written. Undefined if it is written already. */
  readonly written: () => Promise<void> | undefined;
  /**
   * Called for a request that is not treated as a review, with the reason and a sentence from a
   * fixed set.
   */
  readonly refused: (reason: RefusalReason, sentence: string) => void;
  /**
   * While the process drains, every answer ends its connection, so that the API server's next
   * request goes to another replica.
   */
  readonly isDraining: () => boolean;
}

/** The resources that all clients share. */
export interface Allowance {
  readonly limits: Pick<Limits, 'body'>;
  readonly clients: Clients;
  readonly connections: Connections;
  readonly bodies: Bodies;
}

type Request = FastifyRequest<RouteGenericInterface, Server>;
type Reply = FastifyReply<RouteGenericInterface, Server>;

/**
 * The webhook routes as a plugin. The body is read only if the request is a review. Bodies are
 * parsed as plain JSON, where an object key `__proto__` is data. A parser that answers such a key
 * with 400 would let any user make a review fail.
 */
export function reviewRoutes(ports: ReviewPorts, allowance: Allowance) {
  const { clients } = allowance;
  return (app: FastifyInstance<Server>, _options: object, registered: () => void): void => {
    app.addContentTypeParser('application/json', (_request, payload, done) => readBody(payload, allowance, done));
    for (const [phase, url] of Object.entries(webhookPaths) as [Phase, string][])
      app.post(url, {
        onRequest(request, reply, done) {
          // The router accepts `https://ELSEWHERE/PATH` as PATH.
          if (request.raw.url?.startsWith('/') !== true) return reply.callNotFound();
          const barred = clients.barred(request.raw.socket);
          if (barred === undefined) done();
          else done(barredClient(barred));
        },
        handler: (request, reply) => void answer(phase, request, reply, ports, allowance),
        errorHandler: (error, _request, reply) => refuse(reply, error, ports),
      });
    registered();
  };
}

/**
 * Parses, judges and answers. It sends the answer itself, because returning a promise to the
 * framework costs more.
 */
async function answer(
  phase: Phase,
  request: Request,
  reply: Reply,
  ports: ReviewPorts,
  { bodies, clients, connections }: Allowance,
): Promise<void> {
  const { handle, written, isDraining } = ports;
  const body = request.body as IncomingBody | undefined;
  // The request had neither a content type nor a body, so nothing was read.
  if (body === undefined) return refuse(reply, wrongType, ports);
  const { socket } = request.raw;
  connections.judging(socket);
  const turn = bodies.turn(body.weight);
  if (turn !== undefined) await turn;
  try {
    // A client that had to wait may have given up.
    if (socket.destroyed) return;
    const parsed = parse(body.bytes);
    bodies.release(body);
    if (parsed === undefined) ports.refused('json', notJson);
    const given = parsed === undefined ? { badRequest: notJson } : await handle(phase, parsed.value);
    const line = written();
    if (line !== undefined) await line;
    if (isDraining() || clients.isStale(socket)) reply.header('connection', 'close');
    if ('badRequest' in given) sendText(reply, 400, given.badRequest);
    else reply.type('application/json; charset=utf-8').send(JSON.stringify(given.review));
  } catch {
    // The answer shows nothing of the error, which may quote the object. The handler never throws,
    // so this is only a precaution.
    sendText(reply, 500, 'internal error');
  } finally {
    bodies.release(body);
    bodies.leave(body.weight);
    connections.judged(socket);
  }
}

const notJson = 'the body is not JSON';

/**
 * The error is a refusal of ours, or the framework's error about a content type that has no parser
 * or cannot be read.
 */
function refuse(reply: Reply, error: unknown, { refused }: Pick<ReviewPorts, 'refused'>): void {
  const { reason, message, status, headers } = error instanceof Refusal ? error : wrongType;
  refused(reason, message);
  // The framework closes the connection after every body that it could not read. The headers of the
  // refusal decide instead.
  reply.removeHeader('connection').headers(headers);
  sendText(reply, status, message);
}

/**
 * Answers a request that is not a review. The API server passes the sentence on to the person if it
 * is plain text.
 */
function sendText(reply: Reply, status: number, sentence: string): void {
  reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

function parse(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}
