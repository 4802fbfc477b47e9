import { formatPorts } from '../network/port-set.ts';
import type { Desk } from './desk.ts';
import type { Group } from './group.ts';
import type { Flow, Outside } from './survey.ts';

/**
 * Flows as a table for people. Destinations that are all pods, or all pods of a namespace, are
 * summarised. Sources with the same destinations share their rows.
 */
export function formatSurvey(flows: Iterable<Flow>, desk: Desk): string {
  const bySource = new Map<Group | Outside, Flow[]>();
  for (const flow of flows) {
    const known = bySource.get(flow.from);
    if (known === undefined) bySource.set(flow.from, [flow]);
    else known.push(flow);
  }
  const classesByNamespace = countByNamespace(desk);
  const blocks = new Map<string, { readonly names: Set<string>; readonly rows: readonly Row[] }>();
  for (const [from, own] of bySource) {
    const rows = summarize(own, from, desk, classesByNamespace);
    const key = JSON.stringify(rows);
    const block = blocks.get(key) ?? { names: new Set(), rows };
    block.names.add(from.name);
    blocks.set(key, block);
  }
  const lines = [...blocks.values()].flatMap(({ names, rows }) => {
    const froms = [...names];
    return Array.from({ length: Math.max(froms.length, rows.length) }, (_, index) => [
      froms[index] ?? '',
      rows[index]?.to ?? '',
      rows[index]?.ports ?? '',
    ]);
  });
  if (lines.length === 0) return 'nothing: every port is denied\n';
  return formatTable([['FROM', 'TO', 'PORTS'], ...lines]);
}

/**
 * Rows as columns. Each column is as wide as its widest cell, up to a limit. The last column is not
 * padded.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(cellWidth, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => (column === columns - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

interface Row {
  readonly to: string;
  readonly ports: string;
}

/** A wide terminal shows two such columns and the ports. A longer cell shifts only its own row. */
const cellWidth = 56;

function summarize(
  flows: readonly Flow[],
  from: Group | Outside,
  desk: Desk,
  sizes: ReadonlyMap<string, number>,
): readonly Row[] {
  const byReach = Map.groupBy(flows, ({ reach }) => sayReach(reach));
  return [...byReach].flatMap(([ports, own]) => {
    const rows: Row[] = own.flatMap(({ to }) => (to.kind === 'pods' ? [] : [{ to: to.name, ports }]));
    const groups = own.flatMap(({ to }) => (to.kind === 'pods' ? [to] : []));
    const whole = groups.filter(({ one, pods }) => pods.length === one.pods.length);
    // The flows never include a single pod's own class, so its absence does not count.
    const self = from.kind === 'pods' && from.one.pods.length === 1 ? from.one : undefined;
    if (whole.length > 1 && whole.length + (self === undefined ? 0 : 1) >= desk.evaluator.classes.all.length)
      return [{ to: 'every pod', ports }, ...rows];
    for (const [namespace, members] of Map.groupBy(groups, ({ one }) => one.namespace)) {
      const complete = members.filter(({ one, pods }) => pods.length === one.pods.length).length;
      const missed = self?.namespace === namespace ? 1 : 0;
      if (complete > 1 && complete + missed >= (sizes.get(namespace) ?? 0))
        rows.push({ to: `all of namespace ${namespace}`, ports });
      else rows.push(...members.map(({ name }) => ({ to: name, ports })));
    }
    return rows;
  });
}

/** The ports in words, with the undecided ports added. */
export function sayReach({ allowed, undecided }: Flow['reach']): string {
  const doubt = undecided.length === 0 ? '' : `undefined: ${formatPorts(undecided)}`;
  if (allowed.length === 0) return doubt;
  return doubt === '' ? formatPorts(allowed) : `${formatPorts(allowed)}; ${doubt}`;
}

function countByNamespace(desk: Desk): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { namespace } of desk.evaluator.classes.all) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}
