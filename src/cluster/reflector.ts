import type { RawObject } from '../kubernetes/object-meta.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import { askedPauseMs } from '../retry/answer.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { ApiError, errorOfFailure } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { listAll } from './list.ts';
import { createObjectStore, type Entry, entryOf, keyOf, type ObjectStore } from './object-store.ts';

/**
 * A copy of a collection in memory that follows the cluster (an informer). Keys are
 * `namespace/name`, or `name` if the resource has no namespace. An object that is created again
 * under its old name (with another metadata.uid) is reported as a deletion and a creation. At every
 * relist each object is reported again, changed or not, so that a handler that missed a change
 * learns of it.
 */
export interface Reflector<T> extends Pick<ObjectStore<T>, 'get' | 'values' | 'onChange' | 'onListed'> {
  /**
   * Resolves when the first list is complete, and follows the collection until the signal aborts.
   * Rejects only if it aborts, or a final failure occurs, before the first list.
   */
  start(signal: AbortSignal): Promise<void>;
  synced(): boolean;
  /**
   * Milliseconds since the last sign of life of the API server (a list, a watch's answer, an event
   * or a bookmark).
   */
  lastEventAgeMs(): number;
}

export interface ReflectorOptions<T> {
  readonly cluster: Pick<Cluster, 'request' | 'watch'>;
  /** The collection in all namespaces, or in one. */
  readonly path: string;
  /** The labelSelector and the fieldSelector. */
  readonly query?: Readonly<Record<string, string>>;
  /**
   * The part of an object that is stored. An object whose result is undefined is treated as absent.
   * `unchanged` is what is stored of the same version of the object already.
   */
  project(raw: RawObject, unchanged: T | undefined): T | undefined;
  readonly log: Log;
  /**
   * The time between two full lists. The default is 5 minutes. It is shortened by up to a tenth so
   * that replicas do not list together. A list that fails is tried again after a tenth of it.
   */
  readonly relistMs?: number;
  /** A watch without any input for this time is dead. The default is 30 seconds. */
  readonly silenceMs?: number;
  /** The first and the longest pause after failures in a row. */
  readonly pauseMs?: { readonly first: number; readonly longest: number };
  /**
   * Whether a failure ends the reflector, which then keeps what it has. By default it tries again
   * after every failure.
   */
  readonly isFinal?: (failure: ApiError, hasSynced: boolean) => boolean;
  /** Told of the failure that has ended the reflector, instead of the log. */
  readonly onEnd?: (failure: ApiError) => void;
}

export function reflect<T>(options: ReflectorOptions<T>): Reflector<T> {
  const { cluster, path, log } = options;
  const relistMs = options.relistMs ?? 300_000;
  const silenceMs = options.silenceMs ?? 30_000;
  const pauseMs = options.pauseMs ?? defaultPauseMs;
  const store = createObjectStore<T>((error, key) =>
    log.error({ path, key, error: String(error) }, 'change handler failed'),
  );
  let hasSynced = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  let resourceVersion: string | undefined;
  let relistAt = 0;

  function isFinal(error: unknown): boolean {
    return options.isFinal?.(errorOfFailure(path, error), hasSynced) === true;
  }

  function tell(error: unknown, what: string, more: object = {}): void {
    const { code, reason, message } = errorOfFailure(path, error);
    log.warn({ path, code, reason, error: message, ...more }, what);
  }

  function projected(raw: RawObject): T | undefined {
    const { uid, resourceVersion: version } = raw.metadata;
    const known = store.entry(keyOf(raw.metadata));
    const isSame = known !== undefined && version !== undefined && known.uid === uid && known.version === version;
    try {
      return options.project(raw, isSame ? known.value : undefined);
    } catch (error) {
      log.error({ path, key: keyOf(raw.metadata), error: String(error) }, 'object not understood');
      return undefined;
    }
  }

  async function list(signal: AbortSignal): Promise<void> {
    const listed = new Map<string, Entry<T>>();
    const version = await listAll(cluster, path, { query: options.query, signal, isOneMoment: true }, (raw) => {
      heardAt = performance.now();
      if (!isNamed(raw)) return;
      const value = projected(raw);
      // Only this is held until the last page. The metadata that managers write on 10,000 objects
      // would take tens of MB.
      if (value !== undefined) listed.set(keyOf(raw.metadata), entryOf(raw, value));
    });
    heardAt = performance.now();
    resourceVersion = version;
    relistAt = heardAt + relistMs * (1 - Math.random() / 10);
    store.takeList(listed);
  }

  function take(type: string, object: unknown): void {
    heardAt = performance.now();
    // An event that repeats an older version would overwrite newer changes.
    if (!hasMetadata(object) || isPast(object.metadata.resourceVersion, resourceVersion)) return;
    resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
    if (type === 'BOOKMARK' || !isNamed(object)) return;
    const value = type === 'DELETED' ? undefined : projected(object);
    if (value === undefined) store.drop(keyOf(object.metadata));
    else store.keep(keyOf(object.metadata), entryOf(object, value));
  }

  /**
   * Lists again. Where there is a version to watch from, a list that fails waits, because a
   * reflector without a watch hears nothing, and all replicas list at about the same time.
   */
  async function relist(signal: AbortSignal): Promise<void> {
    const known = resourceVersion;
    try {
      await list(signal);
    } catch (error) {
      if (known === undefined || signal.aborted || isFinal(error)) throw error;
      relistAt = performance.now() + Math.max(askedPauseMs(error), relistMs / 10);
      tell(error, 'list failed, so the watch goes on without it');
    }
  }

  /** Lists if a list is due, and then watches until the watch ends. */
  async function follow(signal: AbortSignal, onSync: () => void): Promise<void> {
    if (resourceVersion === undefined || performance.now() >= relistAt) {
      await relist(signal);
      hasSynced = true;
      onSync();
    }
    const startedAt = performance.now();
    const relistDue = AbortSignal.timeout(Math.max(0, Math.ceil(relistAt - startedAt)));
    await cluster.watch({
      path,
      query: {
        ...options.query,
        resourceVersion: resourceVersion ?? '',
        allowWatchBookmarks: true,
        // The server ends each watch before the silence limit. So silence means a dead connection
        // even if nothing changes. Replicas end their watches at different times.
        timeoutSeconds: Math.max(1, Math.floor((silenceMs / 1000) * (0.65 + Math.random() * 0.2))),
      },
      silenceMs,
      signal: AbortSignal.any([signal, relistDue]),
      onOpen: () => {
        heardAt = performance.now();
      },
      onEvent: take,
    });
    if (relistDue.aborted || signal.aborted) return;
    heardAt = performance.now();
    if (heardAt - startedAt < shortWatchMs) throw new ApiError(`WATCH ${path}: the server ended it within a second`);
  }

  async function attempt(signal: AbortSignal, onSync: () => void): Promise<void> {
    try {
      await follow(signal, onSync);
    } catch (error) {
      const failure = errorOfFailure(path, error);
      // If there was no answer, or one that says "later", the resourceVersion is still valid. After
      // any other failure the reflector lists again.
      if (failure.code !== 0 && failure.code !== 429 && failure.code < 502) resourceVersion = undefined;
      throw failure;
    }
  }

  async function run(signal: AbortSignal, onSync: () => void): Promise<void> {
    // After a successful round the pauses start again with the shortest.
    while (!signal.aborted)
      await retry(() => attempt(signal, onSync), {
        firstMs: pauseMs.first,
        longestMs: pauseMs.longest,
        signal,
        isPassing: (failure) => !isFinal(failure),
        onFailure: (failure, { failures }) => tell(failure, 'watch interrupted', { attempt: failures }),
      });
  }

  return {
    async start(signal) {
      signal.throwIfAborted();
      const first = Promise.withResolvers<void>();
      const onAbort = (): void => first.reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      run(signal, () => first.resolve()).catch((error: unknown) => {
        const tell = options.onEnd ?? ((end) => log.error({ path, error: String(end) }, 'reflector ended'));
        if (!signal.aborted) tell(errorOfFailure(path, error));
        first.reject(error);
      });
      // Node keeps a signal of several (AbortSignal.any) while it has a listener, and the listener
      // would keep every object.
      await first.promise.finally(() => signal.removeEventListener('abort', onAbort));
      log.info({ path, objects: store.size() }, 'cache synced');
    },
    synced: () => hasSynced,
    lastEventAgeMs: () => performance.now() - heardAt,
    get: store.get,
    values: store.values,
    onChange: store.onChange,
    onListed: store.onListed,
  };
}

/**
 * The first pause is short, because drift is repaired late until the watch is back. With the
 * longest pause, the reflector notices within four seconds that an API server is back, and two
 * reflectors on each of three replicas together make about two calls a second.
 */
const defaultPauseMs = { first: 100, longest: 2_500 };

/**
 * client-go's "very short watch": a stream that ends within a second is a failure, even if it ends
 * cleanly.
 */
const shortWatchMs = 1_000;

/** Bookmarks have metadata, but no name. */
function hasMetadata(object: unknown): object is RawObject {
  return (
    typeof object === 'object' &&
    object !== null &&
    'metadata' in object &&
    typeof object.metadata === 'object' &&
    object.metadata !== null
  );
}

function isNamed(object: unknown): object is RawObject {
  return hasMetadata(object) && typeof object.metadata.name === 'string';
}

/** Whether a version is not newer than another one. One that is no number counts as new. */
function isPast(version: string | undefined, reached: string | undefined): boolean {
  const [one, other] = [readResourceVersion(version), readResourceVersion(reached)];
  return one !== undefined && other !== undefined && one <= other;
}
