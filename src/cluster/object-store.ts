import type { ObjectMeta, RawObject } from '../kubernetes/object-meta.ts';

/**
 * Called for every change. `current` is undefined for a deletion, and `previous` for a creation. A
 * handler should only enqueue.
 */
export type ChangeHandler<T> = (key: string, current: T | undefined, previous: T | undefined) => void;

/** The stored facts about one object. */
export interface Entry<T> {
  /** metadata.uid. An object that is created again under its old name has another uid. */
  readonly uid: string | undefined;
  /** metadata.resourceVersion. */
  readonly version: string | undefined;
  readonly value: T;
}

/** The objects of a collection in memory, by key. Handlers are called for each change. */
export interface ObjectStore<T> {
  size(): number;
  get(key: string): T | undefined;
  entry(key: string): Entry<T> | undefined;
  values(): Iterable<T>;
  onChange(handler: ChangeHandler<T>): void;
  /**
   * Calls the handler after each full list. An object that was created and deleted while the watch
   * was down appears in no change.
   */
  onListed(handler: () => void): void;
  /** Adds or changes an object. If the uid changed, handlers see a deletion and a creation. */
  keep(key: string, entry: Entry<T>): void;
  drop(key: string): void;
  /**
   * Applies a full list: drops the objects that are not in it, and reports each object, changed or
   * not.
   */
  takeList(listed: ReadonlyMap<string, Entry<T>>): void;
}

/**
 * @param onDefect called with the error of a handler that throws; the other handlers are still
 * called
 */
export function createObjectStore<T>(onDefect: (error: unknown, key: string | undefined) => void): ObjectStore<T> {
  const entries = new Map<string, Entry<T>>();
  const handlers: ChangeHandler<T>[] = [];
  const listHandlers: (() => void)[] = [];

  function tell(handler: () => void, key?: string): void {
    try {
      handler();
    } catch (error) {
      onDefect(error, key);
    }
  }

  function notify(key: string, current: T | undefined, previous: T | undefined): void {
    for (const handler of handlers) tell(() => handler(key, current, previous), key);
  }

  function keep(key: string, entry: Entry<T>): void {
    const { uid, value } = entry;
    const previous = entries.get(key);
    if (previous !== undefined && previous.uid !== uid) drop(key);
    entries.set(key, entry);
    notify(key, value, previous?.uid === uid ? previous?.value : undefined);
  }

  function drop(key: string): void {
    const previous = entries.get(key);
    if (previous === undefined) return;
    entries.delete(key);
    notify(key, undefined, previous.value);
  }

  return {
    keep,
    drop,
    takeList(listed) {
      for (const key of [...entries.keys()]) if (!listed.has(key)) drop(key);
      for (const [key, entry] of listed) keep(key, entry);
      for (const handler of listHandlers) tell(handler);
    },
    size: () => entries.size,
    get: (key) => entries.get(key)?.value,
    entry: (key) => entries.get(key),
    *values() {
      for (const entry of entries.values()) yield entry.value;
    },
    onChange(handler) {
      handlers.push(handler);
    },
    onListed(handler) {
      listHandlers.push(handler);
    },
  };
}

export function entryOf<T>({ metadata: { uid, resourceVersion: version } }: RawObject, value: T): Entry<T> {
  return { uid, version, value };
}

/** `namespace/name`, or `name` if the resource has no namespace: the order of a list in etcd. */
export function keyOf({ namespace, name }: ObjectMeta): string {
  return namespace === undefined ? (name ?? '') : `${namespace}/${name ?? ''}`;
}
