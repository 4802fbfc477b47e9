import type { Reflector } from './reflector.ts';

/** The objects of a reflector by group. */
export interface Groups<T> {
  get(group: string): readonly T[];
}

/**
 * Keeps the objects of a reflector by the groups that `groupsOf` returns for each, and follows
 * their changes. So a review reads one group instead of all objects in the cluster.
 */
export function groupObjects<T>(
  reflector: Pick<Reflector<T>, 'onChange'>,
  groupsOf: (object: T) => Iterable<string>,
): Groups<T> {
  const groups = new Map<string, Map<string, T>>();
  reflector.onChange((key, current, previous) => {
    for (const name of previous === undefined ? [] : groupsOf(previous)) {
      const group = groups.get(name);
      group?.delete(key);
      if (group?.size === 0) groups.delete(name);
    }
    for (const name of current === undefined ? [] : groupsOf(current)) {
      const group = groups.get(name) ?? new Map<string, T>();
      groups.set(name, group.set(key, current as T));
    }
  });
  return { get: (group) => [...(groups.get(group)?.values() ?? [])] };
}
