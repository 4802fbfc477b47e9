// The treatments of a call by a faulty API server.
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange, Treatment } from '../e2e/api-proxy.ts';

/** `isOver` resolves when the fault ends. */
export type FaultTreatment = (exchange: Exchange, isOver: Promise<void>) => Promise<void> | void;

/** Refuses the call like the API server, without passing it on. */
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

/** Refuses like a balancer without a backend: no Status, no JSON. */
export const refuseInPlainText: Treatment = ({ response }) => {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('upstream connect error or disconnect/reset');
};

/** Breaks the connection before the call is passed on. */
export const resetBefore: Treatment = ({ response }) => void response.destroy();

/** Breaks the connection in the middle of the answer. The call has taken effect. */
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

/** Sends less than the content-length says, and then ends the connection properly. */
export const truncate: Treatment = async (exchange) => {
  const { call, response } = exchange;
  if (call.isWatch) return resetMidway(exchange);
  const answer = await exchange.ask();
  const body = await buffer(answer);
  response.writeHead(answer.statusCode ?? 502, { ...plainHeaders(answer), 'content-length': body.length });
  response.write(half(body), () => response.socket?.end());
};

/** Sends a valid HTTP answer whose JSON is cut, like a proxy that lost the rest. */
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

/** Sends a valid HTTP answer without a body. */
export const empty: Treatment = async ({ response, ask }) => {
  (await ask()).resume();
  response.writeHead(200, { 'content-type': 'application/json' }).end();
};

/** Delays the answer. A caller that has gone in the meantime gets none. */
export function slow(ms: number): Treatment {
  return async ({ response, ask, give }) => {
    await delay(ms);
    if (!response.destroyed) give(await ask());
  };
}

/** Delays the call for this time, or until the fault ends. */
export function stall(ms: number): FaultTreatment {
  return async ({ response, ask, give }, isOver) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await Promise.race([delay(ms, undefined, { signal: gone.signal }).catch(() => undefined), isOver]);
    gone.abort();
    if (!response.destroyed) give(await ask());
  };
}

/**
 * Refuses every watch, because its history has ended, and delays the lists that are then needed.
 */
export function slowLists(ms: number): Treatment {
  return (exchange) => (exchange.call.isWatch ? refuse(410, 'Expired') : slow(ms))(exchange);
}

/**
 * Ends the history before every watch, and before the second page of every list. A page has ten
 * objects.
 */
export const losePages: Treatment = async (exchange) => {
  if (exchange.call.isWatch) return refuse(410, 'Expired')(exchange);
  const query = new URLSearchParams(exchange.call.query);
  if (query.has('continue')) return refuse(410, 'Expired')(exchange);
  query.set('limit', '10');
  exchange.give(await exchange.ask(query));
};

/** Answers a watch and then reports that its history is gone. */
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

/** Long enough for some events, and short enough for several watches within a fault. */
const watchLifeMs = 200;

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** Returns the headers of the answer without its length. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return { 'content-type': headers['content-type'] ?? 'application/json' };
}
