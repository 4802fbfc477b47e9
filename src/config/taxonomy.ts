import type { TaxonomyKey } from '../policy/taxonomy.ts';
import { defaultFile } from './defaults.ts';
import { compilePattern } from './pattern.ts';
import type { TaxonomyKeyEntry } from './schema.ts';

/** The default taxonomy, by key. It is a Map, because a file may name a key `constructor`. */
export const defaultTaxonomy: ReadonlyMap<string, TaxonomyKeyEntry> = new Map<string, TaxonomyKeyEntry>(
  Object.entries(defaultFile.taxonomy),
);

/**
 * Merges an entry of the file with the default entry, field by field. A new vocabulary also drops
 * the default patternText, hint and suggestion, because they belong to the old one.
 */
export function mergeEntry(given: TaxonomyKeyEntry, initial: TaxonomyKeyEntry | undefined): TaxonomyKeyEntry {
  if (initial === undefined) return given;
  if (given.values === undefined && given.pattern === undefined) return { ...initial, ...given };
  return { ...(initial.agrees === undefined ? {} : { agrees: initial.agrees }), ...given };
}

/**
 * Merges the taxonomy of the file with the default taxonomy. The default keys come first, which is
 * the order in which messages print the keys.
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

/** Converts a valid entry to the form that the checks use. */
export function buildKey(key: string, entry: TaxonomyKeyEntry): TaxonomyKey {
  const pattern = entry.pattern === undefined ? undefined : compilePattern(entry.pattern);
  // Validation has already refused such a file. The compiler cannot know this.
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
