import { formatPorts } from '../network/port-set.ts';
import type { Desk } from './desk.ts';
import { type Family, findFamilies } from './family.ts';
import { type Group, groupNames } from './group.ts';
import { placeOf, sourcePlace } from './place.ts';
import { type Entry, localNames, type NamedEnd, type Relation, relate } from './relation.ts';
import type { Flow, Outside } from './survey.ts';
import { createLegend, formatTable, type Legend } from './table.ts';

/**
 * Flows as a table for people, in which each line is true by itself. Destinations that are all
 * pods, or all pods of a namespace, are summarised. Sources with the same destinations share their
 * lines, and so do namespaces that differ only by name.
 */
export function formatSurvey(flows: Iterable<Flow>, desk: Desk, legend: Legend = createLegend()): string {
  const sizes = countByNamespace(desk);
  const relation = relate(entriesOf(flows, desk));
  const families = findFamilies(relation, (namespace) => String(sizes.get(namespace) ?? 0));
  const blocks = new Map<string, Block>();
  for (const number of relation.rows.keys()) {
    const from = relation.ends[number] as SurveyEnd;
    const place = sourcePlace(from.namespace, families, legend);
    if (place === undefined) continue;
    const rows = summarize(number, { relation, families, sizes, desk, legend });
    const key = JSON.stringify([place, rows]);
    const block = blocks.get(key) ?? { froms: new Set(), place, rows };
    for (const name of place === '' ? from.names : localNames(from)) block.froms.add(name);
    blocks.set(key, block);
  }
  if (blocks.size === 0) return 'nothing: every port is denied\n';
  const lines = [['FROM', 'TO', 'PORTS']];
  for (const { froms, place, rows } of blocks.values()) {
    const cell = legend.cell([...froms]) + place;
    for (const { to, ports } of rows) lines.push([cell, to, ports]);
  }
  return formatTable(lines) + legend.format();
}

/** The ports in words, with the undecided ports added. */
export function sayReach({ allowed, undecided }: Flow['reach']): string {
  const doubt = undecided.length === 0 ? '' : `undefined: ${formatPorts(undecided)}`;
  if (allowed.length === 0) return doubt;
  return doubt === '' ? formatPorts(allowed) : `${formatPorts(allowed)}; ${doubt}`;
}

/** Sources of one place with the same destinations. */
interface Block {
  readonly froms: Set<string>;
  readonly place: string;
  readonly rows: readonly Row[];
}

interface Row {
  readonly to: string;
  readonly ports: string;
}

interface SurveyEnd extends NamedEnd {
  /** The whole class, or only some of its pods. */
  readonly isWhole: boolean;
  /** Whether its class is this single pod. */
  readonly isSingle: boolean;
}

function* entriesOf(flows: Iterable<Flow>, desk: Desk): Generator<Entry<SurveyEnd>> {
  const ends = new Map<Group, SurveyEnd>();
  const outsides = new Map<string, SurveyEnd>();
  const labels = new WeakMap<Flow['reach'], string>();
  const endOf = (end: Group | Outside): SurveyEnd => {
    const known = end.kind === 'outside' ? outsides.get(end.name) : ends.get(end);
    if (known !== undefined) return known;
    const named = namedEnd(end, desk);
    if (end.kind === 'outside') outsides.set(end.name, named);
    else ends.set(end, named);
    return named;
  };
  for (const { from, to, reach } of flows) {
    const label = labels.get(reach) ?? sayReach(reach);
    labels.set(reach, label);
    yield { from: endOf(from), to: endOf(to), label };
  }
}

function namedEnd(end: Group | Outside, desk: Desk): SurveyEnd {
  if (end.kind !== 'pods')
    return { namespace: undefined, names: [end.name], trait: '', isWhole: false, isSingle: false };
  const { one, pods } = end;
  const [isWhole, isSingle] = [pods.length === one.pods.length, one.pods.length === 1];
  return { namespace: one.namespace, names: groupNames(end, desk), trait: `${isWhole} ${isSingle}`, isWhole, isSingle };
}

interface Summary {
  readonly relation: Relation<SurveyEnd>;
  readonly families: ReadonlyMap<string, Family>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly desk: Desk;
  readonly legend: Legend;
}

function summarize(source: number, { relation, families, sizes, desk, legend }: Summary): readonly Row[] {
  const from = relation.ends[source] as SurveyEnd;
  const byLabel = new Map<number, SurveyEnd[]>();
  const row = relation.rows.get(source) ?? [];
  for (let at = 0; at < row.length; at += 2) {
    const ends = byLabel.get(row[at + 1] as number) ?? [];
    ends.push(relation.ends[row[at] as number] as SurveyEnd);
    byLabel.set(row[at + 1] as number, ends);
  }
  return [...byLabel].flatMap(([label, ends]) => {
    const ports = relation.labels[label] ?? '';
    const rows: Row[] = [];
    for (const end of ends) if (end.namespace === undefined) rows.push({ to: legend.cell(end.names), ports });
    const pods = ends.filter(({ namespace }) => namespace !== undefined);
    const whole = pods.filter(({ isWhole }) => isWhole).length;
    // The flows never include a single pod's own class, so its absence does not count.
    if (whole > 1 && whole + (from.isSingle ? 1 : 0) >= desk.evaluator.classes.all.length)
      return [{ to: 'every pod', ports }, ...rows];
    for (const [namespace = '', members] of Map.groupBy(pods, (end) => end.namespace)) {
      const place = placeOf(namespace, from.namespace, families, legend);
      if (place === undefined) continue;
      const complete = members.filter(({ isWhole }) => isWhole).length;
      const missed = from.isSingle && from.namespace === namespace ? 1 : 0;
      if (complete > 1 && complete + missed >= (sizes.get(namespace) ?? 0))
        rows.push({ to: place === '' ? `all of namespace ${namespace}` : `every pod${place}`, ports });
      else
        for (const end of members)
          rows.push({
            to: place === '' ? legend.cell(end.names) : `${legend.cell(localNames(end))}${place}`,
            ports,
          });
    }
    return rows;
  });
}

function countByNamespace(desk: Desk): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { namespace } of desk.evaluator.classes.all) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}
