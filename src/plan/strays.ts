import type { FlowEnd } from '../flows/record.ts';
import { isInRange, readAddress } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import type { Pair, PlacedFlow } from './candidates.ts';
import { namespaceOf } from './end.ts';
import type { Party } from './party.ts';
import type { Placer } from './placer.ts';

/**
 * The flows of a log that have no end in a namespace, as far as is known, and an end that may be a
 * Pod of any namespace: one that had gone, or had not come, when the manifests were read.
 */
export function straysOf(namespace: string, placed: readonly PlacedFlow[], placer: Placer): readonly PlacedFlow[] {
  return placed.filter(
    ({ flow, pairs }) =>
      !pairs.some((pair) => isIn(pair, namespace)) &&
      pairs.some(({ from, to }) => mayBePod(flow.from, from, placer) || mayBePod(flow.to, to, placer)),
  );
}

/** The flows of a log with an end in a namespace, and always another that is not resolved. */
export function unresolvedOf(namespace: string, placed: readonly PlacedFlow[]): readonly PlacedFlow[] {
  const isUnresolved = ({ from, to }: Pair): boolean => [from, to].some(({ end }) => end.kind === 'unresolved');
  return placed.filter(({ pairs }) => {
    const own = pairs.filter((pair) => isIn(pair, namespace));
    return own.length > 0 && own.every(isUnresolved);
  });
}

function isIn({ from, to }: Pair, namespace: string): boolean {
  return namespaceOf(from.end) === namespace || namespaceOf(to.end) === namespace;
}

/** Whether an end of which nobody knows what it is may be a Pod. */
function mayBePod(end: FlowEnd, { end: { kind }, target }: Party, placer: Placer): boolean {
  if (end.kind === 'unresolved') return isSomePod(end.why);
  if (end.kind !== 'address') return false;
  const address = readAddress(end.address);
  if (address === undefined || placer.serviceAt(address) !== undefined) return false;
  if (kind === 'unresolved') return true;
  const isNamed = end.names.length > 0 || (target?.kind === 'addresses' && target.isNamed);
  if (kind !== 'outside' || isNamed || placer.knowsPodNetworks) return false;
  return privateNetworks.some((range) => isInRange(range, address));
}

/** Whether an end that the log does not name is a Pod: `a Pod without its namespace`. */
export function isSomePod(why: string): boolean {
  return why.startsWith('a Pod ');
}
