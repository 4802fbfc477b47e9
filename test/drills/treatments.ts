// What a faulty API server does with a call.
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange, Treatment } from '../e2e/api-proxy.ts';

/** `isOver` resolves when the fault ends. */
export type FaultTreatment = (exchange: Exchange, isOver: Promise<void>) => Promise<void> | void;

/** Answers by itself, as the API server refuses; nothing has been done. */
export function refuse(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Treatment {
  return ({ response }) => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      reason,
      message: `the drill says ${code}`,
    };
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status));
  };
}

/** As a balancer refuses that has nobody to ask: no Status, no JSON. */
export const refuseInPlainText: Treatment = ({ response }) => {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('upstream connect error or disconnect/reset');
};

/** The connection breaks, and nobody has been asked. */
export const resetBefore: Treatment = ({ response }) => void response.destroy();

/** The connection breaks in the middle of the answer; what was asked for is done. */
export const resetMidway: Treatment = async (exchange) => {
  const { call, response } = exchange;
  const answer = await exchange.ask();
  if (call.isWatch) {
    exchange.give(answer);
    await delay(watchLifeMs);
    response.destroy();
    return;
  }
  const body = await buffer(answer);
  response.writeHead(answer.statusCode ?? 502, { ...plainHeaders(answer), 'content-length': body.length });
  response.write(half(body), () => response.destroy());
};

/** Less comes than the content-length says, and then the connection ends in good order. */
export const truncate: Treatment = async (exchange) => {
  const { call, response } = exchange;
  if (call.isWatch) return resetMidway(exchange);
  const answer = await exchange.ask();
  const body = await buffer(answer);
  response.writeHead(answer.statusCode ?? 502, { ...plainHeaders(answer), 'content-length': body.length });
  response.write(half(body), () => response.socket?.end());
};

/**
 * A good answer of HTTP whose JSON stops in the middle: what a proxy makes of a response that it
 * has lost the rest of.
 */
export const cutJson: Treatment = async (exchange) => {
  const { call, response } = exchange;
  const answer = await exchange.ask();
  if (call.isWatch) {
    response.writeHead(answer.statusCode ?? 502, plainHeaders(answer)).end('{"type":"MODIFIED","object":{"metada');
    answer.destroy();
    return;
  }
  const body = half(await buffer(answer));
  response.writeHead(answer.statusCode ?? 502, { ...plainHeaders(answer), 'content-length': body.length }).end(body);
};

/** A good answer of HTTP with nothing in it. */
export const empty: Treatment = async ({ response, ask }) => {
  (await ask()).resume();
  response.writeHead(200, { 'content-type': 'application/json' }).end();
};

/** The answer comes as it is, late. A caller who has gone meanwhile is not served. */
export function slow(ms: number): Treatment {
  return async ({ response, ask, give }) => {
    await delay(ms);
    if (!response.destroyed) give(await ask());
  };
}

/**
 * Nothing comes for so long, or until the fault is over; then the call goes on as it would have.
 */
export function stall(ms: number): FaultTreatment {
  return async ({ response, ask, give }, isOver) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await Promise.race([delay(ms, undefined, { signal: gone.signal }).catch(() => undefined), isOver]);
    gone.abort();
    if (!response.destroyed) give(await ask());
  };
}

/** The history ends before every watch, so that lists are needed, and these take their time. */
export function slowLists(ms: number): Treatment {
  return (exchange) => (exchange.call.isWatch ? refuse(410, 'Expired') : slow(ms))(exchange);
}

/**
 * The history ends before every watch, and before the second page of every list; a page has ten
 * objects.
 */
export const losePages: Treatment = async (exchange) => {
  if (exchange.call.isWatch) return refuse(410, 'Expired')(exchange);
  const query = new URLSearchParams(exchange.call.query);
  if (query.has('continue')) return refuse(410, 'Expired')(exchange);
  query.set('limit', '10');
  exchange.give(await exchange.ask(query));
};

/** A watch that is answered, and then told that its history is gone. */
export const endHistory: Treatment = async ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  await delay(watchLifeMs);
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 410,
    reason: 'Expired',
    message: 'too old',
  };
  response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
};

/** Long enough for some events, short enough for several lives within a fault. */
const watchLifeMs = 200;

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** The answer's headers less its length. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return { 'content-type': headers['content-type'] ?? 'application/json' };
}
