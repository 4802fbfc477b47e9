import { agree } from '../wording/number.ts';
import type { Note } from './note.ts';
import type { DeadEnd, OutsideAnswer, OutsideFlow } from './outside.ts';
import { formatAskedPort } from './port-text.ts';
import { shorten } from './table.ts';

/** The answer in words: each way with its sources, then what leads nowhere. */
export function formatOutside({ flows, deadEnds }: OutsideAnswer): string {
  const lines = [...flows.flatMap(flowLines), ...deadEnds.map(sayDeadEnd)];
  return lines.length === 0 ? 'nothing here leads the outside there\n' : `${lines.join('\n')}\n`;
}

function flowLines({ exposure, via, to, port, verdict, sources, unexpected }: OutsideFlow): readonly string[] {
  const against = unexpected === undefined ? '' : `, which ${agree(to.length, 'is', 'are')} ${unexpected}`;
  return [
    `${verdict}: ${exposure} (${via}) to ${shorten(to)} on ${formatAskedPort(port)}${against}`,
    ...sources.flatMap(({ from, verdict: one, reasons, remedies }) => [
      `  from ${from}: ${one}`,
      ...reasons.map((reason) => `    ${reason}`),
      ...remedies.map((remedy) => `    to allow it: ${remedy}`),
    ]),
  ];
}

function sayDeadEnd({ exposure, via, reason }: DeadEnd): string {
  return `nowhere: ${exposure} (${via}): ${reason}`;
}

/** The answer for programs. */
export interface OutsideData {
  readonly flows: readonly Omit<OutsideFlow, 'pods'>[];
  readonly deadEnds: readonly DeadEnd[];
}

/** The answer and the notes, as one JSON object. */
export function outsideJson(answer: OutsideAnswer, notes: readonly Note[]): string {
  return `${JSON.stringify({ ...outsideData(answer), notes }, undefined, 2)}\n`;
}

/** The answer for programs. It names Pods, and does not hold them. */
export function outsideData({ flows, deadEnds }: OutsideAnswer): OutsideData {
  return { flows: flows.map(({ pods: _, ...flow }) => flow), deadEnds };
}
