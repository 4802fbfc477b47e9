import { formatPorts, type PortSpan, portSpans } from '../network/port-set.ts';
import type { Change } from './change.ts';
import type { Desk } from './desk.ts';
import type { Note } from './note.ts';
import { sayReasons } from './reasons.ts';
import { formatTable } from './survey-text.ts';

/**
 * Changes in words, for the reviewer of a pull request. Opened flows come first, each with its
 * ports. The first few also have the reasons that hold after the change.
 */
export function formatChanges(changes: readonly Change[], after: Desk): string {
  if (changes.length === 0) return 'no difference: the same flows are open\n';
  const sorted = (['opened', 'undefined', 'closed'] as const).flatMap((kind) =>
    changes.filter((change) => change.kind === kind),
  );
  const table = formatTable([
    ['CHANGE', 'FROM', 'TO', 'PORTS'],
    ...sorted.map(({ kind, from, to, ports }) => [kind, from, to, formatPorts(ports)]),
  ]);
  const explained = sorted.flatMap((change) => explain(change, after)).slice(0, explainedLimit);
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const summary = `${count('opened')} opened, ${count('closed')} closed, ${count('undefined')} without a verdict now\n`;
  return [table, explained.length === 0 ? '' : `\nWhy, afterwards:\n${explained.join('')}`, `\n${summary}`].join('');
}

/** The changes as one JSON document, with the notes about both worlds. */
export function changesJson(
  changes: readonly Change[],
  notes: Readonly<Record<'before' | 'after', readonly Note[]>>,
): string {
  const rows = changes.map(
    ({ kind, from, to, ports }): JsonChange => ({ change: kind, from, to, ports: portSpans(ports) }),
  );
  return `${JSON.stringify({ changes: rows, notes }, undefined, 2)}\n`;
}

interface JsonChange {
  readonly change: Change['kind'];
  readonly from: string;
  readonly to: string;
  readonly ports: readonly PortSpan[];
}

/** How many changes are explained. A reviewer reads no more, and can ask `reach` about others. */
const explainedLimit = 12;

function explain({ kind, from, to, ports, ends }: Change, after: Desk): readonly string[] {
  const [source, destination] = [ends?.from.after[0], ends?.to.after[0]];
  const [span] = portSpans(ports);
  if (source === undefined || destination === undefined || span === undefined) return [];
  const target = destination.pods.find((pod) => pod !== source.pod);
  if (target === undefined) return [];
  const flow = { from: { pod: source.pod }, to: { pod: target }, protocol: span.protocol, port: span.first };
  const reasons = sayReasons(after.evaluator.answer(flow), flow).map((reason) => `    ${reason}\n`);
  return [`  ${kind}: ${from} to ${to} on ${span.protocol}/${span.first}\n${reasons.join('')}`];
}
