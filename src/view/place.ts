import type { AuditedNamespace } from '../audit/namespaces.ts';
import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { byText } from '../plan/text-order.ts';

/** A namespace on the map. */
export interface Place {
  readonly name: string;
  /** The value of the flow key, `tier` by default; empty without one. */
  readonly tier: string;
  readonly env: string;
  readonly team: string;
  /** What the audit says of it; undefined for a namespace that only its Pods show. */
  readonly audited: AuditedNamespace | undefined;
  readonly pods: number;
}

/** The outside as an end of links. No namespace has this name. */
export const outside = '';

/** Every namespace that is described or holds Pods, by name. */
export function placesOf(
  namespaces: ReadonlyMap<string, Labels>,
  audited: readonly AuditedNamespace[],
  pods: ReadonlyMap<string, number>,
  { network }: Config,
): ReadonlyMap<string, Place> {
  const known = new Map(audited.map((one) => [one.name, one]));
  const names = [...new Set([...namespaces.keys(), ...known.keys()])].sort(byText);
  return new Map(
    names.map((name) => {
      const labels = known.get(name)?.labels ?? namespaces.get(name);
      const place: Place = {
        name,
        tier: labels?.get(network.flowKey) ?? '',
        env: labels?.get('env') ?? '',
        team: labels?.get('team') ?? '',
        audited: known.get(name),
        pods: pods.get(name) ?? 0,
      };
      return [name, place] as const;
    }),
  );
}

/**
 * The values of the flow key from the outside inwards: each behind all that may reach it. Values
 * that the matrix does not place in such an order stand in the order of the taxonomy.
 */
export function orderTiers({ network, taxonomy }: Config): readonly string[] {
  const values = taxonomy.keys.get(network.flowKey)?.values ?? [
    ...new Set(network.matrix.flatMap(({ from, to }) => [from, to])),
  ];
  const depths = new Map(values.map((value) => [value, 0]));
  // The longest way has one step fewer than there are values, so circles end too.
  for (let step = 1; step < values.length; step += 1)
    for (const { from, to } of network.matrix) {
      const behind = (depths.get(from) ?? 0) + 1;
      if (from !== to && depths.has(from) && (depths.get(to) ?? 0) < behind && behind < values.length)
        depths.set(to, behind);
    }
  const isReached = (value: string): boolean => network.matrix.some(({ from, to }) => to === value && from !== value);
  // A value that reaches nothing and that nothing reaches stands last.
  const isApart = (value: string): boolean => !isReached(value) && !network.matrix.some(({ from }) => from === value);
  return [...values].sort(
    (a, b) => Number(isApart(a)) - Number(isApart(b)) || (depths.get(a) ?? 0) - (depths.get(b) ?? 0),
  );
}
