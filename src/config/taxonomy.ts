import type { TaxonomyKey } from '../policy/taxonomy.ts';
import { defaultFile } from './defaults.ts';
import { compilePattern } from './pattern.ts';
import type { TaxonomyKeyEntry } from './schema.ts';

/** The default taxonomy, by key, as a Map: a file may well name a key `constructor`. */
export const defaultTaxonomy: ReadonlyMap<string, TaxonomyKeyEntry> = new Map<string, TaxonomyKeyEntry>(
  Object.entries(defaultFile.taxonomy),
);

/**
 * A file's entry laid over the default one, field by field. A new vocabulary replaces the old one
 * whole: with it go the words, the hint and the suggestion that belonged to it.
 */
export function mergeEntry(given: TaxonomyKeyEntry, initial: TaxonomyKeyEntry | undefined): TaxonomyKeyEntry {
  if (initial === undefined) return given;
  if (given.values === undefined && given.pattern === undefined) return { ...initial, ...given };
  return { ...(initial.agrees === undefined ? {} : { agrees: initial.agrees }), ...given };
}

/**
 * The keys of the defaults and of a file together, in the order in which messages print them: the
 * defaults' first.
 */
export function mergeTaxonomy(
  given: Readonly<Record<string, TaxonomyKeyEntry | null>>,
): ReadonlyMap<string, TaxonomyKeyEntry> {
  const merged = new Map(defaultTaxonomy);
  for (const [key, entry] of Object.entries(given)) {
    if (entry === null) merged.delete(key);
    else merged.set(key, mergeEntry(entry, defaultTaxonomy.get(key)));
  }
  return merged;
}

/** A valid entry as the checks use it. */
export function buildKey(key: string, entry: TaxonomyKeyEntry): TaxonomyKey {
  const pattern = entry.pattern === undefined ? undefined : compilePattern(entry.pattern);
  // Validation has refused such a file; without this the compiler would have to take our word for
  // it.
  if (pattern !== undefined && 'wrong' in pattern) throw new TypeError(`pattern of ${key}: ${pattern.wrong}`);
  return {
    key,
    values: entry.values,
    pattern,
    patternText: entry.patternText,
    agrees: entry.agrees ?? false,
    hint: entry.hint,
    suggest: entry.suggest,
  };
}
