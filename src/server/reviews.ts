import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../admission/handler.ts';
import { type Phase, webhookPaths } from '../admission/webhooks.ts';
import type { Bodies, Held } from './bodies.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';
import { weighBody } from './weight.ts';

/** What the webhook routes ask of the process. */
export interface ReviewPorts {
  readonly handle: (phase: Phase, body: unknown) => Promise<Answer>;
  /** Resolves when the audit line of an answer is written; undefined where it is. */
  readonly written: () => Promise<void> | undefined;
  /** Told of a request that is not looked at as a review: why, and the same as a sentence, one of a few. */
  readonly refused: (reason: RefusalReason, sentence: string) => void;
  /** While it drains, every answer ends its connection, so that the API server's next request finds another replica. */
  readonly isDraining: () => boolean;
}

/** Another content type, too large or of too many values, not JSON, a client without the certificate asked for, or no room just now. */
export type RefusalReason = 'type' | 'size' | 'json' | 'client' | 'busy';

/** What the server gives to all clients together. */
export interface Allowance {
  readonly limits: Pick<Limits, 'body'>;
  readonly clients: Clients;
  readonly connections: Connections;
  readonly bodies: Bodies;
}

const phases: ReadonlyMap<string, Phase> = new Map(
  (Object.entries(webhookPaths) as [Phase, string][]).map(([phase, path]) => [path, phase]),
);

/**
 * Answers the webhook routes on Node's own server, beside the framework, which would cost as much again as judging does. Bodies are parsed as
 * plain JSON: an object key `__proto__` is data (a parser that answers it with 400 would let any user fail a review).
 * Returns whether the request was one of them.
 */
export function createReviewListener(
  ports: ReviewPorts,
  allowance: Allowance,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { bodies, clients, limits } = allowance;
  const bodyLimit = limits.body;
  return (request, response) => {
    const phase = request.method === 'POST' ? phases.get(pathOf(request.url ?? '')) : undefined;
    if (phase === undefined) return false;
    const barred = clients.barred(request.socket);
    const refusal =
      barred === undefined
        ? refusalOf(request.headers['content-type'], request.headers['content-length'], bodyLimit)
        : ({ reason: 'client', status: 403, error: barred, headers: closing } as const);
    if (refusal !== undefined) {
      refuse(response, refusal, ports);
      request.resume();
      return true;
    }
    const body: Body = { chunks: [], length: 0, held: 0, isRefused: false };
    request.on('data', (chunk: Buffer) => {
      // What comes after a refusal is read and forgotten.
      if (body.isRefused) return;
      const wasHeld = body.held > 0;
      body.length += chunk.length;
      if (body.length > bodyLimit) giveUp(body, response, tooLarge(bodyLimit), ports, bodies);
      else if (!bodies.hold(body, body.length)) giveUp(body, response, tooBusy, ports, bodies);
      else {
        body.chunks.push(chunk);
        if (!wasHeld && body.held > 0) onLoss(request, () => drop(body, bodies));
      }
    });
    request.on('end', () => {
      if (!body.isRefused) void answer(phase, body, request, response, ports, allowance);
    });
    return true;
  };
}

/** Calls back where a request goes away before all of it has come. */
function onLoss(request: IncomingMessage, callback: () => void): void {
  request.once('close', () => {
    if (!request.complete) callback();
  });
}

/** A body as far as it has come. */
interface Body extends Held {
  readonly chunks: Buffer[];
  length: number;
  isRefused: boolean;
}

function giveUp(body: Body, response: ServerResponse, answer: Refusal, ports: ReviewPorts, bodies: Bodies): void {
  body.isRefused = true;
  drop(body, bodies);
  refuse(response, answer, ports);
}

function drop(body: Body, bodies: Bodies): void {
  body.chunks.length = 0;
  bodies.release(body);
}

/** The API server says its patience in the query: `?timeout=5s`. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

async function answer(
  phase: Phase,
  body: Body,
  request: IncomingMessage,
  response: ServerResponse,
  ports: ReviewPorts,
  { bodies, clients, connections }: Allowance,
): Promise<void> {
  const { handle, written, isDraining } = ports;
  const { socket } = request;
  const whole = wholeOf(body.chunks);
  body.chunks.length = 0;
  const weight = weighBody(whole);
  if (!bodies.admits(weight)) {
    drop(body, bodies);
    refuse(response, tooManyValues, ports);
    return;
  }
  connections.judging(socket);
  const turn = bodies.turn(weight);
  if (turn !== undefined) await turn;
  try {
    // Who waited may have given up.
    if (socket.destroyed) return;
    const parsed = parse(whole);
    drop(body, bodies);
    if (parsed === undefined) ports.refused('json', notJson);
    const given = parsed === undefined ? { badRequest: notJson } : await handle(phase, parsed.value);
    const line = written();
    if (line !== undefined) await line;
    if (isDraining() || clients.isStale(socket)) response.setHeader('connection', 'close');
    if ('badRequest' in given) sendText(response, 400, given.badRequest);
    else send(response, 200, 'application/json', JSON.stringify(given.review));
  } catch {
    // Nothing of an error is shown: it may quote the object. The handler throws nothing; this is for what cannot happen.
    sendText(response, 500, 'internal error');
  } finally {
    drop(body, bodies);
    bodies.leave(weight);
    connections.judged(socket);
  }
}

const notJson = 'the body is not JSON';

interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is left of the body is not waited for: the connection ends with the answer. */
const closing = { connection: 'close' } as const;

const tooLarge = (limit: number): Refusal => ({
  reason: 'size',
  status: 413,
  error: `a body has at most ${limit} bytes`,
  headers: closing,
});

/** No object of the API has so many: etcd's request limit ends before. */
const tooManyValues: Refusal = { reason: 'size', status: 413, error: 'the body holds too many values', headers: {} };

/** The API server's client comes again after so many seconds, on the same connection, within the webhook's timeout (client-go's WithRetry). */
const tooBusy: Refusal = {
  reason: 'busy',
  status: 429,
  error: 'too many large bodies at once; try again',
  headers: { 'retry-after': '1' },
};

function refusalOf(
  contentType: string | undefined,
  contentLength: string | undefined,
  bodyLimit: number,
): Refusal | undefined {
  if (contentType !== 'application/json' && !/^application\/json\s*(?:;|$)/i.test(contentType ?? ''))
    return { reason: 'type', status: 415, error: 'the content type of a review is application/json', headers: closing };
  return Number(contentLength ?? 0) > bodyLimit ? tooLarge(bodyLimit) : undefined;
}

function refuse(response: ServerResponse, { reason, status, error, headers }: Refusal, { refused }: ReviewPorts): void {
  refused(reason, error);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendText(response, status, error);
}

/** What is no review: the API server passes the sentence on to the person, where it is plain text. */
function sendText(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, 'text/plain', `${sentence}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function wholeOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

function parse(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}
