import { isDeepStrictEqual } from 'node:util';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { ApiError } from './api-error.ts';
import { keyOf } from './object-store.ts';
import { type Reflector, type ReflectorOptions, reflect } from './reflector.ts';

/** A collection that was read, and how its objects are known. */
export interface KnownCollection {
  readonly path: string;
  /**
   * Milliseconds since the objects were listed, or, if the collection is followed, since the API
   * server's last sign of life.
   */
  readonly ageMs: number;
  /** Why the collection is not followed; undefined if it is. */
  readonly refusal: ApiError | undefined;
}

/** Collections of a cluster, kept in memory, and followed as far as the API server lets watch. */
export interface Follower<T> {
  /**
   * The objects of a collection, in the order of the API: as they are now if it is followed, or
   * else as they were listed first since the last `renew`. `project` is what is kept of an object.
   * Throws the ApiError of the list.
   */
  read(path: string, project: (raw: RawObject) => T): Promise<readonly T[]>;
  /** Lets the next `read` list again what is not followed, and try again to follow it. */
  renew(): void;
  /** Ends and forgets what has not been read since the last `renew`. */
  forget(): void;
  known(): readonly KnownCollection[];
}

export interface FollowerOptions
  extends Pick<ReflectorOptions<unknown>, 'cluster' | 'log' | 'silenceMs' | 'pauseMs' | 'relistMs'> {
  /** Ends every watch. */
  readonly signal: AbortSignal;
  /** Called when a followed object has changed, was created or deleted, as far as it is kept. */
  readonly onChange: () => void;
}

interface Collection<T> {
  readonly reflector: Reflector<readonly [key: string, kept: T]>;
  readonly end: AbortController;
  /** The last round in which it was read. */
  round: number;
  refusal: ApiError | undefined;
}

export function followCollections<T>(options: FollowerOptions): Follower<T> {
  const { signal, onChange, ...others } = options;
  const collections = new Map<string, Collection<T>>();
  const failures = new Map<string, ApiError>();
  let round = 0;

  async function begin(path: string, project: (raw: RawObject) => T): Promise<Collection<T>> {
    const end = new AbortController();
    const reflector = reflect<readonly [key: string, kept: T]>({
      ...others,
      path,
      project: (raw, unchanged) => unchanged ?? [keyOf(raw.metadata), project(raw)],
      isFinal: ({ code }, hasSynced) => (hasSynced ? neverWatched.has(code) : code !== 410),
      onEnd: (failure) => {
        collection.refusal = failure;
      },
    });
    const collection: Collection<T> = { reflector, end, round, refusal: undefined };
    reflector.onChange((_, current, previous) => {
      if (reflector.synced() && !isDeepStrictEqual(current, previous)) onChange();
    });
    await reflector.start(AbortSignal.any([signal, end.signal]));
    return collection;
  }

  return {
    async read(path, project) {
      const failed = failures.get(path);
      if (failed !== undefined) throw failed;
      let collection = collections.get(path);
      if (collection === undefined || (collection.refusal !== undefined && collection.round !== round)) {
        try {
          collection = await begin(path, project);
        } catch (error) {
          // What may not be listed, or is not served, is asked for once in a round.
          const { code } = error as ApiError;
          if (code === 403 || code === 404) {
            failures.set(path, error as ApiError);
            collections.delete(path);
          }
          throw error;
        }
        collections.set(path, collection);
      }
      collection.round = round;
      const found = [...collection.reflector.values()];
      return found.sort(([some], [other]) => (some < other ? -1 : 1)).map(([, kept]) => kept);
    },
    renew() {
      failures.clear();
      round += 1;
    },
    forget() {
      for (const [path, { round: last, end }] of collections)
        if (last !== round) {
          end.abort();
          collections.delete(path);
        }
    },
    known: () =>
      [...collections].map(([path, { reflector, refusal }]) => ({ path, ageMs: reflector.lastEventAgeMs(), refusal })),
  };
}

/**
 * Answers to a watch that stay the same: 403 Forbidden, 404 NotFound (the kind is no longer
 * served), 405 MethodNotAllowed (a kind that can only be listed).
 */
const neverWatched: ReadonlySet<number> = new Set([403, 404, 405]);
