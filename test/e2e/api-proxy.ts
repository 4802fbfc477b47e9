// Between Ringfence and the API server: sees each call in the clear, and can let some of them
// vanish, answer with what was, or hand them over.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { findFreePorts } from '../control-plane/ports.ts';

/** A call as rules see it. */
export interface ProxiedCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  /** The media type that is asked for. */
  readonly accept: string;
}

/**
 * `hold`: the connection stays open, and nothing comes any more; the worst way to be cut off, for
 * nothing tells.
 */
export type Fate = 'forward' | 'hold';

/** One call in the hands of whoever treats it. What throws breaks the connection. */
export interface Exchange {
  readonly call: ProxiedCall;
  readonly response: ServerResponse;
  /**
   * Sends the call on, once, with another query where one is given; resolves when the API server
   * begins to answer.
   */
  ask(query?: URLSearchParams): Promise<IncomingMessage>;
  /** Passes an answer on as it comes. */
  give(answer: IncomingMessage): void;
}

export type Treatment = (exchange: Exchange) => Promise<void> | void;

export interface ApiProxy {
  /** Writes a kubeconfig beside the given one: the same user, by way of the proxy. */
  kubeconfigFrom(kubeconfig: string): string;
  /**
   * Asked for each call, and for each piece of an answer under way: so an open watch falls silent
   * in the middle. Calls that lost something to a former rule are cut when the new one would
   * forward them.
   */
  setRule(rule: (call: ProxiedCall) => Fate): void;
  /** Asked for each call: it goes on to the API server when the promise is fulfilled. */
  setPatience(patience: (call: ProxiedCall) => Promise<void> | undefined): void;
  /**
   * Asked for each GET: where it gives milliseconds, the answer is the newest of those that the API
   * server gave to such a call at least that long ago (the first one while there is none), as if
   * news took that long to get here.
   */
  setDelay(delay: (call: ProxiedCall) => number | undefined): void;
  /**
   * Asked for each call before all else: where it gives a treatment, the call is the treatment's.
   */
  setTreatment(treat: (call: ProxiedCall) => Treatment | undefined): void;
  /** Calls that the rule has held, whole or in part, so far. */
  heldCalls(): number;
  close(): Promise<void>;
}

export const forwardAll = (): Fate => 'forward';
export const holdWatches = ({ isWatch }: ProxiedCall): Fate => (isWatch ? 'hold' : 'forward');

export async function startApiProxy(controlPlane: Pick<ControlPlane, 'url' | 'caFile'>): Promise<ApiProxy> {
  const at = Date.now();
  const authority = await createAuthority({ at, lifetimeMs: lifetimeMs });
  const names = { dnsNames: [], ipAddresses: ['127.0.0.1'] };
  const certificate = await issueCertificate(authority, { at, lifetimeMs: lifetimeMs, names });
  const agent = new Agent({ keepAlive: true, ca: readFileSync(controlPlane.caFile) });
  const open = new Set<Socket>();
  const robbed = new Map<ServerResponse, ProxiedCall>();
  let rule: (call: ProxiedCall) => Fate = forwardAll;
  let patience: (call: ProxiedCall) => Promise<void> | undefined = () => undefined;
  let delayOf: (call: ProxiedCall) => number | undefined = () => undefined;
  let treat: (call: ProxiedCall) => Treatment | undefined = () => undefined;
  const past = new Map<string, Answer[]>();
  let held = 0;

  /**
   * Whether a piece of this call's answer may pass; from the first that may not, the call counts as
   * held.
   */
  function passes(call: ProxiedCall, response: ServerResponse): boolean {
    if (!robbed.has(response) && rule(call) === 'forward') return true;
    if (!robbed.has(response)) {
      held += 1;
      robbed.set(response, call);
      response.once('close', () => robbed.delete(response));
    }
    return false;
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall(incoming);
    const treatment = treat(call);
    if (treatment !== undefined) {
      const ask = (query?: URLSearchParams) => forward(incoming, response, query);
      await treatment({ call, response, ask, give: (answer) => give(answer, response, () => true) });
      return;
    }
    if (!passes(call, response)) {
      incoming.resume();
      return;
    }
    await patience(call);
    const { method = 'GET', url = '/' } = incoming;
    const delayMs = method === 'GET' ? delayOf(call) : undefined;
    if (delayMs !== undefined) {
      const { status, headers, body } = await askThen(`${call.accept} ${url}`, incoming, delayMs);
      response.writeHead(status, headers).end(body);
      return;
    }
    const answer = await forward(incoming, response);
    give(answer, response, () => passes(call, response));
  }

  /**
   * Resolves when the API server begins to answer; a call that is given up, or cannot be sent on,
   * breaks its connection.
   */
  function forward(
    incoming: IncomingMessage,
    response: ServerResponse,
    query?: URLSearchParams,
  ): Promise<IncomingMessage> {
    const { method = 'GET', url = '/' } = incoming;
    const target = new URL(url, controlPlane.url);
    if (query !== undefined) target.search = query.toString();
    const outgoing = request(target, { method, headers: forwarded(incoming), agent });
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
    return new Promise((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', (error) => {
        response.destroy();
        reject(error);
      });
    });
  }

  function give(answer: IncomingMessage, response: ServerResponse, mayPass: () => boolean): void {
    if (!robbed.has(response)) {
      response.writeHead(answer.statusCode ?? 502, forwarded(answer));
      response.flushHeaders();
    }
    answer.on('data', (piece: Buffer) => {
      if (mayPass()) response.write(piece);
    });
    answer.once('end', () => mayPass() && response.end());
    answer.once('error', () => response.destroy());
  }

  /** Asks now, to be remembered, and resolves to what the answer was some time ago. */
  async function askThen(key: string, incoming: IncomingMessage, delayMs: number): Promise<Answer> {
    incoming.resume();
    const answers = past.get(key) ?? [];
    past.set(key, answers);
    const at = Date.now();
    const outgoing = request(`${controlPlane.url}${incoming.url}`, { headers: forwarded(incoming), agent });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const body = await buffer(answer);
    answers.push({ at, status: answer.statusCode ?? 502, headers: forwarded(answer), body });
    const old = answers.findLast((one) => one.at <= at - delayMs) ?? answers[0];
    if (old === undefined) throw new Error('an answer was just remembered');
    return old;
  }

  const server = createServer(
    { cert: certificate.cert, key: certificate.key },
    // An API server that ends meanwhile is a broken connection for whoever asked.
    (incoming, response) => void serve(incoming, response).catch(() => response.destroy()),
  );
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const [port = 0] = await findFreePorts(1);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    kubeconfigFrom(kubeconfig) {
      const content = JSON.parse(readFileSync(kubeconfig, 'utf8')) as { clusters: { cluster: object }[] };
      const ca = Buffer.from(authority.cert).toString('base64');
      for (const entry of content.clusters)
        entry.cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca };
      const path = join(dirname(kubeconfig), `proxied-${port}.yaml`);
      writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
      return path;
    },
    setRule(next) {
      rule = next;
      for (const [response, call] of robbed) if (rule(call) === 'forward') response.destroy();
    },
    setPatience(next) {
      patience = next;
    },
    setDelay(next) {
      delayOf = next;
    },
    setTreatment(next) {
      treat = next;
    },
    heldCalls: () => held,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}

/** What the API server answered, and when it was asked, in milliseconds since 1970. */
interface Answer {
  readonly at: number;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A day: longer than any test. */
const lifetimeMs = 86_400_000;

function readCall({ method = 'GET', url = '/', headers: { accept = '' } }: IncomingMessage): ProxiedCall {
  const { pathname, searchParams } = new URL(url, 'https://api');
  const isWatch = ['true', '1'].includes(searchParams.get('watch') ?? '');
  return { method, path: pathname, query: searchParams, isWatch, accept };
}

/** Headers that speak of the message and not of one connection (RFC 9110, 7.6.1). */
function forwarded({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': transferEncoding, ...others } = headers;
  return others;
}
