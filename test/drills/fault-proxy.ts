// A faulty API server from Ringfence's view: which calls the fault hits, how, and how many calls
// came.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type ApiProxy, type ProxiedCall, startApiProxy, type Treatment } from '../e2e/api-proxy.ts';
import { createRandom } from '../simulation/random.ts';
import { type FaultTreatment, refuse } from './treatments.ts';

/** One way in which an API server fails. */
export interface Fault {
  /** The name in the table. */
  readonly name: string;
  readonly hits: (call: ProxiedCall) => boolean;
  /**
   * The share of the matching calls that it harms. The default is all of them. A seed decides
   * which.
   */
  readonly share?: number;
  /**
   * The treatment of a call, and of a watch from its first byte. Without it, `watches` decides
   * about watches.
   */
  readonly does?: FaultTreatment;
  /**
   * Whether a watch that `does` refuses can never resume at its version, because its history is
   * lost.
   */
  readonly isHistoryLost?: boolean;
  /**
   * The effect on open watches and on new watches that `does` leaves alone: broken once, silent
   * without an end, or with old events repeated between the new ones. The default is none.
   */
  readonly watches?: 'broken' | 'silent' | 'told again';
}

export interface FaultProxy extends Pick<ApiProxy, 'kubeconfigFrom' | 'close'> {
  begin(fault: Fault): void;
  /** Ends the fault. Silent watches stay silent. Resolves at once. */
  end(): void;
  /** All calls so far, with their times in milliseconds since 1970. */
  arrivals(): readonly Arrival[];
  /** The number of harmed calls since the fault began, including open watches. */
  harmed(): number;
}

export interface Arrival {
  readonly at: number;
  readonly call: ProxiedCall;
}

export async function startFaultProxy(controlPlane: Pick<ControlPlane, 'url' | 'caFile'>): Promise<FaultProxy> {
  const proxy = await startApiProxy(controlPlane);
  const arrivals: Arrival[] = [];
  const open = new Set<OpenWatch>();
  const lost = new Set<string>();
  const pasts = new Map<string, string[]>();
  const random = createRandom(seed);
  let current: Current | undefined;
  let harmed = 0;

  proxy.setTreatment((call) => {
    arrivals.push({ at: Date.now(), call });
    const now = current;
    const isHit = now?.fault.hits(call) === true && random.chance(now.fault.share ?? 1);
    const does = isHit ? now.fault.does : undefined;
    const version = `${call.path} ${call.query.get('resourceVersion')}`;
    if (call.isWatch && lost.has(version)) return refuse(410, 'Expired');
    if (call.isWatch && does !== undefined && now?.fault.isHistoryLost === true) lost.add(version);
    if (does !== undefined) harmed += 1;
    if (call.isWatch) return watched(does, now);
    return does === undefined ? undefined : (exchange) => does(exchange, now?.over.promise ?? Promise.resolve());
  });

  /** A watch that survives the beginning and the end of faults after it was answered. */
  function watched(does: FaultTreatment | undefined, now: Current | undefined): Treatment {
    return async (exchange) => {
      const { call, response } = exchange;
      const kind = does === undefined && now?.fault.hits(call) === true ? now.fault.watches : undefined;
      const watch: OpenWatch = { call, response, isSilent: kind === 'silent', isToldAgain: kind === 'told again' };
      open.add(watch);
      response.once('close', () => open.delete(watch));
      if (watch.isSilent || watch.isToldAgain) harmed += 1;
      const give = (answer: IncomingMessage): void => follow(watch, answer);
      if (does === undefined) give(await exchange.ask());
      else await does({ ...exchange, give }, now?.over.promise ?? Promise.resolve());
    };
  }

  function follow(watch: OpenWatch, answer: IncomingMessage): void {
    const { call, response } = watch;
    const past = pasts.get(call.path) ?? [];
    pasts.set(call.path, past);
    response.writeHead(answer.statusCode ?? 502, headersOf(answer));
    response.flushHeaders();
    if (watch.isToldAgain) tellAgain(watch, past, past.length);
    let rest = '';
    answer.setEncoding('utf8');
    answer.on('data', (piece: string) => {
      const lines = `${rest}${piece}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!watch.isSilent) response.write(`${line}\n`);
        if (watch.isToldAgain) tellAgain(watch, past, againCount);
        past.push(line);
        if (past.length > pastLength) past.shift();
      }
    });
    answer.once('end', () => watch.isSilent || response.end());
    answer.once('error', () => watch.isSilent || response.destroy());
  }

  /** Repeats some earlier lines in their order, from a random place. */
  function tellAgain(watch: OpenWatch, past: readonly string[], count: number): void {
    const from = random.whole(0, Math.max(0, past.length - count));
    for (const line of past.slice(from, from + count)) watch.response.write(`${line}\n`);
  }

  return {
    kubeconfigFrom: (kubeconfig) => proxy.kubeconfigFrom(kubeconfig),
    begin(fault) {
      current = { fault, over: Promise.withResolvers() };
      harmed = 0;
      for (const watch of open) {
        if (fault.watches === undefined || !fault.hits(watch.call)) continue;
        harmed += 1;
        if (fault.watches === 'silent') watch.isSilent = true;
        else if (fault.watches === 'broken') watch.response.destroy();
        else watch.isToldAgain = true;
      }
    },
    end() {
      current?.over.resolve();
      current = undefined;
      for (const watch of open) watch.isToldAgain = false;
    },
    arrivals: () => arrivals,
    harmed: () => harmed,
    close: () => proxy.close(),
  };
}

interface Current {
  readonly fault: Fault;
  readonly over: PromiseWithResolvers<void>;
}

interface OpenWatch {
  readonly call: ProxiedCall;
  readonly response: ServerResponse;
  isSilent: boolean;
  isToldAgain: boolean;
}

/** Any seed is good, but it must not change. */
const seed = 20;
/** The number of remembered lines of a watch. */
const pastLength = 500;
/** The number of repeated lines after each new one. */
const againCount = 3;

function headersOf({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': transferEncoding, ...others } = headers;
  return others;
}
