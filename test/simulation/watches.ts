import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Changed, Resource, Store } from './store.ts';
import type { Trace } from './trace.ts';

type WatchRequest = Parameters<Cluster['watch']>[0];

/** The open watches, and the history of changes. */
export interface Watches {
  /** Sends a change to every watch. */
  tell(change: Changed): void;
  open(owner: Owner, request: WatchRequest): Promise<void>;
  /** Causes trouble for the open watches that `which` selects. */
  trouble(kind: WatchTrouble, which: (stream: Stream) => boolean): void;
  /** Removes the history up to now. A watch from an older version gets 410. */
  compact(): void;
  /** From now on, watches lose this share of events, and repeat as many older ones. */
  mayLose(rate: number): void;
  /**
   * Removes every listener of signals. Node keeps a composed signal, and so the whole simulation,
   * as long as anybody listens.
   */
  close(): void;
}

export type WatchTrouble = 'silence' | 'reset' | 'end' | 'error';

interface Entry {
  readonly version: number;
  readonly resource: Resource;
  readonly type: string;
  readonly object: unknown;
  readonly at: number;
}

interface Stream {
  readonly resource: Resource;
  readonly owner: Owner;
  /** Whether the connection is open but silent. */
  isSilent: boolean;
  isOver: boolean;
  /** The last arrival. Later events must arrive later. */
  lastAt: number;
  send(lagMs: number, receive: () => void): void;
  receive(entry: Entry): void;
  fail(error: ApiError | undefined): void;
}

export function createWatches(parts: {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly server: Owner;
  readonly trace: Trace;
}): Watches {
  const { store, scheduler, random, faults, server, trace } = parts;
  const history: Entry[] = [];
  const streams = new Set<Stream>();
  /** Functions that stop listening to the signals of watches that have not ended. */
  const listening = new Set<() => void>();
  let compacted = 0;
  let lossRate = 0;

  function push(stream: Stream, entry: Entry): void {
    if (stream.isSilent || entry.resource !== stream.resource) return;
    if (random.chance(lossRate)) {
      trace(() => `${stream.owner.name}'s watch loses ${textOf(entry)}`);
      return;
    }
    const lagMs = faults.watchLagMs(stream.resource);
    // The delay counts from the change, so a watch that begins later does not wait again.
    stream.send(Math.max(0, entry.at + lagMs - scheduler.now()), () => stream.receive(entry));
    if (!random.chance(lossRate)) return;
    const old = random.pick(history);
    if (old.resource === stream.resource) stream.send(faults.watchLagMs(stream.resource), () => stream.receive(old));
  }

  /** The fate of a watch request: a refusal, silence, or (undefined) a watch. */
  function refusalOf(from: number, path: string): ApiError | 'silence' | undefined {
    if (from < compacted) return expired(path);
    if (!faults.plan.watchTrouble || faults.areOver()) return undefined;
    if (random.chance(0.05)) return 'silence';
    const code = random.chance(0.1) ? random.pick([410, 429, 500, 503]) : undefined;
    return code === undefined ? undefined : new ApiError(`WATCH ${path}: ${code}`, { code });
  }

  /** The API server's side, after the request has arrived. */
  function begin(stream: Stream, request: WatchRequest): void {
    const from = Number(request.query['resourceVersion']);
    const refusal = refusalOf(from, request.path);
    if (refusal === 'silence') {
      stream.isSilent = true;
      trace(() => `${stream.owner.name}'s watch of ${stream.resource} is never answered`);
      return;
    }
    if (refusal !== undefined) {
      stream.send(random.wait(2), () => stream.fail(refusal));
      return;
    }
    streams.add(stream);
    stream.send(random.wait(2), () => request.onOpen());
    for (const entry of history) if (entry.version > from) push(stream, entry);
    const endMs = Number(request.query['timeoutSeconds']) * 1_000;
    scheduler.after(endMs, server, () => end(stream));
  }

  function end(stream: Stream): void {
    if (stream.isSilent || stream.isOver) return;
    const object = { metadata: { resourceVersion: String(store.version()) } };
    const bookmark = { version: 0, resource: stream.resource, type: 'BOOKMARK', object, at: scheduler.now() };
    if (random.chance(0.5)) stream.send(faults.watchLagMs(stream.resource), () => stream.receive(bookmark));
    stream.send(faults.watchLagMs(stream.resource), () => stream.fail(undefined));
  }

  return {
    compact() {
      compacted = store.version();
      trace(() => `the history up to ${compacted} is gone`);
    },
    mayLose(rate) {
      lossRate = rate;
    },
    close() {
      for (const unlisten of [...listening]) unlisten();
    },
    tell({ resource, type, object }) {
      const entry = { version: store.version(), resource, type, object, at: scheduler.now() };
      history.push(entry);
      for (const stream of streams) {
        if (stream.owner.isAlive) push(stream, entry);
        else streams.delete(stream);
      }
    },
    trouble(kind, which) {
      for (const stream of streams) {
        if (stream.isSilent || !which(stream)) continue;
        trace(() => `${kind} of ${stream.owner.name}'s watch of ${stream.resource}`);
        if (kind === 'silence') stream.isSilent = true;
        else if (kind === 'end') end(stream);
        else if (kind === 'reset') stream.send(random.wait(2), () => stream.fail(new ApiError('WATCH: ECONNRESET')));
        else
          stream.send(random.wait(2), () =>
            stream.fail(random.chance(0.5) ? expired('') : new ApiError('WATCH: 500', { code: 500 })),
          );
      }
    },
    open(owner, request) {
      const resource: Resource = request.path.endsWith('/namespaces') ? 'namespaces' : 'networkpolicies';
      return new Promise((resolve, reject) => {
        if (request.signal.aborted) return resolve();
        let heardAt = scheduler.now();
        const stream: Stream = {
          resource,
          owner,
          isSilent: false,
          isOver: false,
          lastAt: 0,
          send(lagMs, receive) {
            stream.lastAt = Math.max(stream.lastAt, scheduler.now() + lagMs);
            scheduler.at(stream.lastAt, owner, () => {
              if (stream.isOver) return;
              heardAt = scheduler.now();
              receive();
            });
          },
          receive(entry) {
            trace(() => `hears ${textOf(entry)}`);
            request.onEvent(entry.type, entry.object);
          },
          fail(error) {
            if (stream.isOver) return;
            stream.isOver = true;
            streams.delete(stream);
            unlisten();
            trace(() => `watch of ${resource} ends${error === undefined ? '' : `: ${error.code} ${error.message}`}`);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        const onAbort = (): void => stream.fail(undefined);
        const unlisten = (): void => {
          request.signal.removeEventListener('abort', onAbort);
          listening.delete(unlisten);
        };
        listening.add(unlisten);
        request.signal.addEventListener('abort', onAbort, { once: true });
        const listen = (): void => {
          const restMs = heardAt + request.silenceMs - scheduler.now();
          if (stream.isOver || restMs === Number.POSITIVE_INFINITY) return;
          if (restMs <= 0) stream.fail(new ApiError(`WATCH ${request.path}: silent`, { reason: 'Timeout' }));
          else scheduler.after(restMs, owner, listen);
        };
        listen();
        const { thereMs, isLost } = faults.fateOf({ replica: owner.name, isWrite: false, isList: false });
        if (!isLost) scheduler.after(thereMs, server, () => begin(stream, request));
      });
    },
  };
}

function expired(path: string): ApiError {
  return new ApiError(`WATCH ${path}: 410 Expired`, { code: 410, reason: 'Expired' });
}

function textOf({ type, resource, object }: Entry): string {
  const { namespace, name, resourceVersion } = (object as { metadata: Partial<Record<string, string>> }).metadata;
  return `${type} ${resource} ${namespace === undefined ? '' : `${namespace}/`}${name ?? ''} at ${resourceVersion}`;
}
