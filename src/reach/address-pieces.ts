import { type Address, isInRange, merge, type Range, subtract } from '../network/address.ts';
import { outsideOf } from '../network/outside.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Direction } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';

/** Addresses outside the cluster that no policy of the other ends can tell apart. */
export interface AddressPiece {
  readonly name: string;
  /** One address that stands for all. */
  readonly address: Address;
}

/** The pods whose addresses a range holds, and the rest of it in pieces. */
export interface RangeParts {
  readonly pods: readonly Pod[];
  readonly pieces: readonly AddressPiece[];
}

/**
 * Splits a range for a question whose other ends are these pods. `direction` is that of the flows
 * as the pods see them.
 */
export function splitRange(range: Range, others: readonly Pod[], direction: Direction, desk: Desk): RangeParts {
  const pods = desk.inventory.world.pods.filter(
    ({ addresses, hostNetwork }) => !hostNetwork && addresses.some((address) => isInRange(range, address)),
  );
  const taken = pods.flatMap(({ addresses }) => addresses.map(alone));
  const classes = new Set(others.flatMap((pod) => desk.evaluator.classes.of(pod) ?? []));
  // Each list of ranges is one property that an address has or does not have.
  const properties = [...classes].flatMap((one) => outsideOf(one, direction).map(({ ranges }) => ranges));
  for (const { nodeAddresses } of others) for (const node of nodeAddresses) properties.push([alone(node)]);
  const cuts = properties
    .flat()
    .flatMap(({ family, first, last }) => (family === range.family ? [first, last + 1n] : []));
  const sorted = [...new Set(cuts)].sort((a, b) => (a < b ? -1 : 1));
  const alike = new Map<string, Range[]>();
  for (const piece of subtract([range], taken).flatMap((one) => cut(one, sorted))) {
    const address = { family: piece.family, value: piece.first };
    const key = properties.map((ranges) => (ranges.some((one) => isInRange(one, address)) ? 1 : 0)).join('');
    const members = alike.get(key) ?? [];
    members.push(piece);
    alike.set(key, members);
  }
  return {
    pods,
    pieces: [...alike.values()].map((ranges) => {
      const [first] = ranges as [Range, ...Range[]];
      return { name: formatRanges(merge(ranges)), address: { family: first.family, value: first.first } };
    }),
  };
}

function alone({ family, value }: Address): Range {
  return { family, first: value, last: value };
}

function cut({ family, first, last }: Range, cuts: readonly bigint[]): readonly Range[] {
  const starts = [first, ...cuts.filter((at) => first < at && at <= last)];
  return starts.map((start, index) => ({ family, first: start, last: (starts[index + 1] ?? last + 1n) - 1n }));
}
