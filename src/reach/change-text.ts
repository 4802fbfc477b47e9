import { formatPorts, type PortSpan, portSpans } from '../network/port-set.ts';
import type { Change } from './change.ts';
import { tabulateChanges } from './change-table.ts';
import type { Desk } from './desk.ts';
import type { Note } from './note.ts';
import { sayReasons } from './reasons.ts';
import { formatTable, shorten } from './table.ts';

/**
 * Changes in words, for the reviewer of a pull request. Opened flows come first, each with its
 * ports. Equal changes share a line, also those of namespaces that differ only by name. The first
 * few also have the reasons that hold after the change.
 */
export function formatChanges(changes: Iterable<Change>, after: Desk): string {
  const { counts, rows, legend } = tabulateChanges(changes);
  if (rows.length === 0) return 'no difference: the same flows are open\n';
  const lines = rows.map(({ change: { kind, ports }, from, to }) => [kind, from, to, formatPorts(ports)]);
  const explained: string[] = [];
  for (const { change } of rows) if (explained.length < explainedLimit) explained.push(...explain(change, after));
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
    const row: ChangeData = {
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

/** A change as data. */
export interface ChangeData {
  readonly change: Change['kind'];
  /** The first few names. */
  readonly from: string;
  readonly to: string;
  /** Every name. */
  readonly fromNames: readonly string[];
  readonly toNames: readonly string[];
  readonly ports: readonly PortSpan[];
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
