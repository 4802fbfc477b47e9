import type { Family } from './family.ts';
import type { Legend } from './table.ts';

/**
 * What a table adds to the names of a source: nothing, or the family of its namespace. Undefined if
 * another namespace speaks for this one.
 */
export function sourcePlace(
  namespace: string | undefined,
  families: ReadonlyMap<string, Family>,
  legend: Legend,
): string | undefined {
  const family = namespace === undefined ? undefined : families.get(namespace);
  if (family === undefined) return '';
  return family[0] === namespace ? inFamily(family, legend) : undefined;
}

/**
 * What a table adds to the names of a destination, for the source that speaks for its family:
 * nothing, the source's own namespace, the others of its family, or another family. Undefined if
 * another namespace speaks for this one.
 */
export function placeOf(
  namespace: string | undefined,
  source: string | undefined,
  families: ReadonlyMap<string, Family>,
  legend: Legend,
): string | undefined {
  const family = namespace === undefined ? undefined : families.get(namespace);
  if (family === undefined) return '';
  const isOwn = source !== undefined && families.get(source) === family;
  if (!isOwn) return sourcePlace(namespace, families, legend);
  if (namespace === source) return ' in the same namespace';
  return namespace === family[1] ? ` in the other ${family.length - 1} of them` : undefined;
}

function inFamily(family: Family, legend: Legend): string {
  const text = `${family.length} namespaces like ${family[0] ?? ''}`;
  legend.explain(text, family);
  return ` in ${text}`;
}
