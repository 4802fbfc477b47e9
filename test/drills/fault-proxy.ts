// The API server as Ringfence sees it while it is faulty: which calls are hit, how, and how many
// came.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type ApiProxy, type ProxiedCall, startApiProxy, type Treatment } from '../e2e/api-proxy.ts';
import { createRandom } from '../simulation/random.ts';
import { type FaultTreatment, refuse } from './treatments.ts';

/** One way in which an API server fails. */
export interface Fault {
  /** As the row of a table says it. */
  readonly name: string;
  readonly hits: (call: ProxiedCall) => boolean;
  /**
   * Of the calls that it hits, how many come to harm; all of them unless it says less. Which ones,
   * a seed decides.
   */
  readonly share?: number;
  /**
   * What becomes of a call, and of a watch from its first byte on; a watch that is told nothing
   * follows `watches`.
   */
  readonly does?: FaultTreatment;
  /**
   * Watches that are refused by `does` are refused for good at the version they were at: the
   * history before it is lost.
   */
  readonly isHistoryLost?: boolean;
  /**
   * What becomes of the watches that are open when it begins, and of those that are opened then and
   * that `does` leaves alone: broken once, silent for ever without an end, or told old events again
   * between the new ones. Left alone unless it says so.
   */
  readonly watches?: 'broken' | 'silent' | 'told again';
}

export interface FaultProxy extends Pick<ApiProxy, 'kubeconfigFrom' | 'close'> {
  begin(fault: Fault): void;
  /**
   * From now on all is well, save that watches which have fallen silent stay so. Resolves at once.
   */
  end(): void;
  /** Calls that have come so far, each at its time: milliseconds since 1970. */
  arrivals(): readonly Arrival[];
  /** Calls that came to harm since the fault began, watches that were open among them. */
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

  /** A watch that lives through faults which begin and end, once it has been answered. */
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

  /**
   * Some lines of what was told before, in the order in which it was: from a place that chance
   * chooses.
   */
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

/** Any will do, as long as it is the same each time. */
const seed = 20;
/** Lines of a watch that are remembered. */
const pastLength = 500;
/** Lines that are told again after each new one. */
const againCount = 3;

function headersOf({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': transferEncoding, ...others } = headers;
  return others;
}
