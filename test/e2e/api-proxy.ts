// A proxy between Ringfence and the API server. It sees each call in the clear, and can swallow
// calls, answer with older answers, or pass calls to a treatment.
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

/** A call, for the rules. */
export interface ProxiedCall {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  /** The requested media type. */
  readonly accept: string;
}

/**
 * `hold`: the connection stays open and nothing arrives any more. This is the worst failure,
 * because nothing reports it.
 */
export type Fate = 'forward' | 'hold';

/** One call for a treatment. An error that the treatment throws breaks the connection. */
export interface Exchange {
  readonly call: ProxiedCall;
  readonly response: ServerResponse;
  /** Sends the call on, once. Resolves when the API server begins to answer. */
  ask(query?: URLSearchParams): Promise<IncomingMessage>;
  /** Passes an answer on. */
  give(answer: IncomingMessage): void;
}

export type Treatment = (exchange: Exchange) => Promise<void> | void;

export interface ApiProxy {
  /** Writes a kubeconfig beside the given one, for the same user through the proxy. */
  kubeconfigFrom(kubeconfig: string): string;
  /**
   * Sets a rule, which is called for each call and for each piece of its answer, so that an open
   * watch can fall silent. Calls that lost something to an earlier rule are cut when the new rule
   * would forward them.
   */
  setRule(rule: (call: ProxiedCall) => Fate): void;
  /**
   * Sets a function that is called for each call. The call goes on to the API server when its
   * promise resolves.
   */
  setPatience(patience: (call: ProxiedCall) => Promise<void> | undefined): void;
  /**
   * Sets a function that is called for each GET. If it returns milliseconds, the answer is the
   * newest that the API server gave to such a call at least that long ago (or the first one), as if
   * changes took that long to arrive.
   */
  setDelay(delay: (call: ProxiedCall) => number | undefined): void;
  /**
   * Sets a function that is called first for each call. If it returns a treatment, the treatment
   * handles the call.
   */
  setTreatment(treat: (call: ProxiedCall) => Treatment | undefined): void;
  /** The number of calls that the rule has held so far, in whole or in part. */
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
   * Whether a piece of the answer may pass. From the first piece that may not, the call counts as
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

  /** Forwards a call. Resolves when the answer begins. A call that fails breaks its connection. */
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

  /** Makes the call now, stores its answer, and resolves to an older answer. */
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
    // An API server that ends in the meantime is a broken connection for the client.
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

/** An answer of the API server, with the time of the call in milliseconds since 1970. */
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

/** The headers of the message, without those of one connection (RFC 9110, 7.6.1). */
function forwarded({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': transferEncoding, ...others } = headers;
  return others;
}
