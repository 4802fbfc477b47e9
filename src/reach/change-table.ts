import type { Change, ChangeEnd } from './change.ts';
import { type Family, findFamilies } from './family.ts';
import { placeOf, sourcePlace } from './place.ts';
import { localNames, type NamedEnd, relate } from './relation.ts';
import { createLegend, type Legend } from './table.ts';

/** Changes as lines of a table. Equal changes share a line, also those of alike namespaces. */
export interface ChangeTable {
  /** How many changes there are of each kind. */
  readonly counts: Readonly<Record<Change['kind'], number>>;
  /** The opened ones first, then those without a verdict, then the closed ones. */
  readonly rows: readonly ChangeRow[];
  /** The lists of names that the lines shorten. */
  readonly legend: Legend;
}

export interface ChangeRow {
  /** One of the changes of the line; all of them have its kind, its ports and what forbids it. */
  readonly change: Change;
  readonly from: string;
  readonly to: string;
}

export function tabulateChanges(changes: Iterable<Change>): ChangeTable {
  const counts = { opened: 0, undefined: 0, closed: 0 };
  // One change of each label is kept, for its kind, its ports and what forbids it.
  const kept = new Map<string, Change>();
  const relation = relate(
    (function* () {
      for (const change of changes) {
        counts[change.kind] += 1;
        const label = `${change.kind} ${change.ports.join()} ${change.forbidden?.reason ?? ''}`;
        if (!kept.has(label)) kept.set(label, change);
        yield { from: change.from, to: change.to, label };
      }
    })(),
  );
  const legend = createLegend();
  const families = findFamilies(relation);
  const rows = new Map<string, Row>();
  for (const [number, row] of relation.rows) {
    const from = relation.ends[number] as ChangeEnd;
    const place = sourcePlace(from.namespace, families, legend);
    if (place === undefined) continue;
    for (let at = 0; at < row.length; at += 2) {
      const to = relation.ends[row[at] as number] as ChangeEnd;
      const target = destinationText(to, from, families, legend);
      if (target === undefined) continue;
      const label = relation.labels[row[at + 1] as number] ?? '';
      const key = [label, place, target].join('\n');
      const first = { ...(kept.get(label) as Change), from, to };
      const known = rows.get(key) ?? { first, place, sources: new Set<string>(), target };
      for (const name of place === '' ? from.names : localNames(from)) known.sources.add(name);
      rows.set(key, known);
    }
  }
  const byKind = Map.groupBy(rows.values(), ({ first }) => first.kind);
  const sorted = (['opened', 'undefined', 'closed'] as const).flatMap((kind) => byKind.get(kind) ?? []);
  return {
    counts,
    rows: sorted.map(({ first, sources, place, target }) => ({
      change: first,
      from: legend.cell([...sources]) + place,
      to: target,
    })),
    legend,
  };
}

/** Equal changes of sources of one place. */
interface Row {
  readonly first: Change;
  readonly place: string;
  readonly sources: Set<string>;
  readonly target: string;
}

function destinationText(
  to: ChangeEnd,
  from: NamedEnd,
  families: ReadonlyMap<string, Family>,
  legend: Legend,
): string | undefined {
  const place = placeOf(to.namespace, from.namespace, families, legend);
  if (place === undefined) return undefined;
  return place === '' ? legend.cell(to.names) : legend.cell(localNames(to)) + place;
}
