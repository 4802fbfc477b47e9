import { formatPorts, type PortSpan, portSpans } from '../network/port-set.ts';
import type { Change, ChangeEnd } from './change.ts';
import type { Desk } from './desk.ts';
import { type Family, findFamilies } from './family.ts';
import type { Note } from './note.ts';
import { placeOf, sourcePlace } from './place.ts';
import { sayReasons } from './reasons.ts';
import { localNames, type NamedEnd, relate } from './relation.ts';
import { createLegend, formatTable, type Legend, shorten } from './table.ts';

/**
 * Changes in words, for the reviewer of a pull request. Opened flows come first, each with its
 * ports. Equal changes share a line, also those of namespaces that differ only by name. The first
 * few also have the reasons that hold after the change.
 */
export function formatChanges(changes: Iterable<Change>, after: Desk): string {
  const counts = { opened: 0, undefined: 0, closed: 0 };
  // One change of each label is kept, for its kind and its ports.
  const kept = new Map<string, Change>();
  const relation = relate(
    (function* () {
      for (const change of changes) {
        counts[change.kind] += 1;
        const label = `${change.kind} ${change.ports.join()}`;
        if (!kept.has(label)) kept.set(label, change);
        yield { from: change.from, to: change.to, label };
      }
    })(),
  );
  if (relation.ends.length === 0) return 'no difference: the same flows are open\n';
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
  const lines = sorted.map(({ first: { kind, ports }, sources, place, target }) => [
    kind,
    legend.cell([...sources]) + place,
    target,
    formatPorts(ports),
  ]);
  const explained: string[] = [];
  for (const { first } of sorted) if (explained.length < explainedLimit) explained.push(...explain(first, after));
  const summary = `${counts.opened} opened, ${counts.closed} closed, ${counts.undefined} without a verdict now\n`;
  return [
    formatTable([['CHANGE', 'FROM', 'TO', 'PORTS'], ...lines]) + legend.format(),
    explained.length === 0 ? '' : `\nWhy, afterwards:\n${explained.join('')}`,
    `\n${summary}`,
  ].join('');
}

/** The changes as one JSON document, piece by piece, with the notes about both worlds. */
export function* changesJson(
  changes: Iterable<Change>,
  notes: Readonly<Record<'before' | 'after', readonly Note[]>>,
): Generator<string> {
  yield '{"changes":[';
  let comma = '';
  for (const { kind, from, to, ports } of changes) {
    const [source, destination] = [from, to].map(({ names }) => shorten(names)) as [string, string];
    const row: JsonChange = {
      change: kind,
      from: source,
      to: destination,
      fromNames: from.names,
      toNames: to.names,
      ports: portSpans(ports),
    };
    yield `${comma}\n${JSON.stringify(row)}`;
    comma = ',';
  }
  yield `\n],"notes":${JSON.stringify(notes)}}\n`;
}

interface JsonChange {
  readonly change: Change['kind'];
  /** The first few names. */
  readonly from: string;
  readonly to: string;
  /** Every name. */
  readonly fromNames: readonly string[];
  readonly toNames: readonly string[];
  readonly ports: readonly PortSpan[];
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

/** How many changes are explained. A reviewer reads no more, and can ask `reach` about others. */
const explainedLimit = 12;

function explain({ kind, from, to, ports }: Change, after: Desk): readonly string[] {
  const [source, destination] = [from.group?.after[0], to.group?.after[0]];
  const [span] = portSpans(ports);
  if (source === undefined || destination === undefined || span === undefined) return [];
  const target = destination.pods.find((pod) => pod !== source.pod);
  if (target === undefined) return [];
  const flow = { from: { pod: source.pod }, to: { pod: target }, protocol: span.protocol, port: span.first };
  const reasons = sayReasons(after.evaluator.answer(flow), flow).map((reason) => `    ${reason}\n`);
  const names = [from, to].map((end) => shorten(end.names)).join(' to ');
  return [`  ${kind}: ${names} on ${span.protocol}/${span.first}\n${reasons.join('')}`];
}
