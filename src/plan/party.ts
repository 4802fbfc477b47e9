import type { Labels } from '../kubernetes/labels.ts';
import type { Address } from '../network/address.ts';
import type { Pod } from '../network/world.ts';
import type { End } from './end.ts';
import { byKey } from './text-order.ts';
import type { Workload } from './workloads.ts';

/** What stands behind one end of a flow: Pods of one workload, one bare Pod, or addresses. */
export interface Party {
  readonly end: End;
  /** The Pods that the engine is asked about. Empty if the end is no Pod. */
  readonly pods: readonly Pod[];
  /** The addresses of an end that is no Pod, as far as they are known. */
  readonly addresses: readonly Address[];
  /** What a policy can select; undefined if it can select nothing of this end. */
  readonly target: Target | undefined;
  /** Why the end is not resolved, or what is not known of it. */
  readonly why?: string;
}

/** What a policy selects: Pods by their labels, or addresses that the configuration names. */
export type Target =
  | {
      readonly kind: 'pods';
      readonly namespace: string;
      /** The name in names of policies: `cart`. */
      readonly name: string;
      /** The labels to select by, before the selector law: `spec.selector.matchLabels`. */
      readonly base: Labels;
      /** Every label that the Pods have. */
      readonly labels: Labels;
      readonly workload: Workload | undefined;
      /** Whether it is a peer that the configuration names, which may be meant whole. */
      readonly isPeer: boolean;
    }
  | { readonly kind: 'addresses'; readonly name: string; readonly cidrs: readonly string[]; readonly isNamed: boolean };

/** A text that is the same for equal parties only. */
export function keyOfParty({ end, target, addresses, pods }: Party): string {
  const selected =
    target === undefined
      ? pods.map(({ name }) => name)
      : target.kind === 'pods'
        ? [target.namespace, target.name, [...target.base].sort(byKey), [...target.labels].sort(byKey)]
        : target.cidrs;
  return JSON.stringify([Object.values(end), selected, addresses.map(({ family, value }) => `${family} ${value}`)]);
}
