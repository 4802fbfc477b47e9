import { formatPorts } from '../network/port-set.ts';
import { type Arrow, type Box, type Figure, outsideId } from './figure.ts';
import type { Kind } from './link.ts';

/** What can be drawn: what a figure has, and what a change would open and close. */
export type Drawn = Kind | 'opened' | 'closed';

/** An arrow, ready to be drawn. */
export interface DrawnArrow {
  readonly from: Box;
  readonly to: Box;
  readonly kind: Drawn;
  /** How many links it stands for. */
  readonly count: number;
  /** The ports, for its title. */
  readonly ports: string;
}

/** A sign for each kind, so that nothing depends on colour alone. */
export const signs: Readonly<Record<Drawn, string>> = {
  forbidden: '✕',
  denied: '⊘',
  undefined: '?',
  lawful: '→',
  opened: '+',
  closed: '−',
};

export const drawnKinds = ['forbidden', 'denied', 'undefined', 'lawful'] as const satisfies readonly Drawn[];

/** The arrows of a figure, without those that leave the cluster. */
export function arrowsOf({ arrows }: Figure): readonly DrawnArrow[] {
  return arrows.filter(({ to }) => to.id !== outsideId).map(drawn);
}

function drawn({ from, to, kind, count, link }: Arrow): DrawnArrow {
  return { from, to, kind, count, ports: portsText(kind, link) };
}

/** The ports of the kind that an arrow has. */
export function portsText(kind: Kind, { forbidden, undecided, lawful, denied }: Arrow['link']): string {
  if (kind === 'denied')
    return [...new Set(denied.map(({ text }) => text.slice(text.lastIndexOf(' ') + 1)))].join(', ');
  return formatPorts(kind === 'forbidden' ? forbidden : kind === 'undefined' ? undecided : lawful);
}
