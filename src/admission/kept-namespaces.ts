import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import type { Config } from '../config/config.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { fenceMark, modeLabel } from '../policy/mode.ts';

/** A namespace as the cache keeps it. */
export interface CachedNamespace extends NamespaceView {
  /** Only its identity labels, its mark and its mode are kept, because it has too many labels. */
  readonly hasMoreLabels?: true;
}

/**
 * Some 170 labels of the greatest length. An API server stores more than a megabyte, and a user who
 * may label one namespace must not fill the memory of the process.
 */
const labelCharacters = 64 * 1024;

/**
 * Returns what the cache keeps of a namespace. `unchanged` is what it keeps of the same version
 * already.
 */
export function keepNamespace(
  raw: RawNamespace,
  unchanged: CachedNamespace | undefined,
  { taxonomy }: Pick<Config, 'taxonomy'>,
): CachedNamespace {
  // The taxonomy may be another one by now.
  if (unchanged !== undefined && unchanged.hasMoreLabels === undefined) return unchanged;
  const namespace = readNamespace(raw);
  let characters = 0;
  for (const [key, value] of namespace.labels) characters += key.length + value.length;
  if (characters <= labelCharacters) return namespace;
  const isNeeded = (key: string): boolean => key === fenceMark || key === modeLabel || taxonomy.keys.has(key);
  const labels = new Map([...namespace.labels].filter(([key]) => isNeeded(key)));
  return { ...namespace, labels, hasMoreLabels: true };
}
