import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { IPBlock, LabelSelector, NetworkPolicyPeer } from '../kubernetes/network-policy.ts';
import { isInRange, readCidr } from '../network/address.ts';
import { metadataServices } from '../network/metadata-address.ts';
import { formatAddress } from '../network/range-text.ts';
import { isLasting, lastingLabels } from './lasting-labels.ts';
import type { Target } from './party.ts';
import { byKey, byText } from './text-order.ts';

/** Pods that a policy can select. */
export type PodTarget = Extract<Target, { readonly kind: 'pods' }>;

/** How the peers in other namespaces are named. */
export type PeerNaming = 'name' | 'identity';

/** Writes selectors by the selector law (docs/plan.md). */
export interface Selection {
  /**
   * Selects the Pods of a target and, as far as their labels allow it, no others of the namespace.
   * Undefined if their labels do not last. `isExposing` says that the outside is let in.
   */
  podSelector(target: PodTarget, isExposing?: boolean): LabelSelector | undefined;
  /** The peers that mean a target, in a policy of the namespace `home`. Undefined if none can. */
  peers(target: Target, home: string): readonly NetworkPolicyPeer[] | undefined;
}

/** `residents` are the labels of every kind of Pod in each namespace. */
export function createSelection(
  namespaces: ReadonlyMap<string, Labels>,
  residents: ReadonlyMap<string, readonly PodTarget[]>,
  naming: PeerNaming,
  config: Config,
): Selection {
  const { taxonomy, network } = config;
  const lawKeys = [...new Set([network.flowKey, 'env'])].filter((key) => taxonomy.keys.has(key));

  function podSelector(target: PodTarget, isExposing = false): LabelSelector | undefined {
    const { namespace, base, labels, isPeer } = target;
    if (isPeer) return selectorOf(new Map(base));
    const lasting = lastingLabels(labels);
    const chosen = new Map(lastingLabels(base));
    if (chosen.size === 0) for (const [key, value] of lasting) chosen.set(key, value);
    if (chosen.size === 0) return undefined;
    for (const key of lawKeys) {
      // The labels of the namespace say the rest, if its Pods must agree with them.
      const isSaid = namespaces.get(namespace)?.has(key) === true && taxonomy.keys.get(key)?.agrees === true;
      const value = lasting.get(key);
      if (!isSaid && value !== undefined) chosen.set(key, value);
    }
    if (isExposing && labels.get('expose') === 'true') chosen.set('expose', 'true');
    const others = (residents.get(namespace) ?? []).filter(
      (other) => other.name !== target.name || other.workload !== target.workload,
    );
    return narrow(chosen, target, others);
  }

  function namespaceSelector(namespace: string): LabelSelector {
    const labels = namespaces.get(namespace);
    const identity = taxonomy.required.Namespace.map((key) => [key, labels?.get(key)] as const);
    const isWhole = naming === 'identity' && identity.length > 0 && identity.every(([, value]) => value !== undefined);
    return {
      matchLabels: isWhole
        ? (Object.fromEntries(identity) as Record<string, string>)
        : { [metadataNameLabel]: namespace },
    };
  }

  return {
    podSelector,
    peers(target, home) {
      if (target.kind === 'addresses') return target.cidrs.map((cidr) => ({ ipBlock: blockWithoutMetadata(cidr) }));
      const pods = podSelector(target);
      if (pods === undefined) return undefined;
      const isWhole = Object.keys(pods).length === 0;
      if (target.namespace === home) return [{ podSelector: pods }];
      // The name of a configured peer is how the configuration knows it.
      const where = target.isPeer
        ? { matchLabels: { [metadataNameLabel]: target.namespace } }
        : namespaceSelector(target.namespace);
      return [{ namespaceSelector: where, ...(isWhole ? {} : { podSelector: pods }) }];
    },
  };
}

/** A block never opens the metadata service of a cloud, which may be among its addresses. */
function blockWithoutMetadata(cidr: string): IPBlock {
  const range = readCidr(cidr);
  if (range === undefined || range.first === range.last) return { cidr };
  const held = metadataServices.filter((service) => isInRange(range, service));
  if (held.length === 0) return { cidr };
  return { cidr, except: held.map((one) => `${formatAddress(one)}/${one.family === 4 ? 32 : 128}`) };
}

/**
 * Adds labels until the selector selects no other Pods, each time the one that excludes the most.
 * The last resort is a key that only the others have.
 */
function narrow(chosen: Map<string, string>, { base, labels }: PodTarget, others: readonly PodTarget[]): LabelSelector {
  const absent = new Set<string>();
  const isSelected = ({ labels: other }: PodTarget): boolean =>
    [...chosen].every(([key, value]) => other.get(key) === value) && ![...absent].some((key) => other.has(key));
  const excludes = (key: string, value: string, left: readonly PodTarget[]): number =>
    left.filter((other) => other.labels.get(key) !== value).length;
  // A label of the workload's own selector lasts as long as the workload, whatever it says.
  const usable = [...labels].filter(([key]) => isLasting(key) || (base.has(key) && !isOfRevision(key)));
  const strangers = others.filter((other) => !isSame(other.labels, labels));
  for (let left = strangers.filter(isSelected); left.length > 0; left = left.filter(isSelected)) {
    const [best] = usable
      .filter(([key]) => !chosen.has(key))
      .map(([key, value]) => ({ key, value, count: excludes(key, value, left), lasts: isLasting(key) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => Number(b.lasts) - Number(a.lasts) || b.count - a.count || (a.key < b.key ? -1 : 1));
    if (best !== undefined) {
      chosen.set(best.key, best.value);
      continue;
    }
    const foreign = left
      .flatMap((other) =>
        [...other.labels.keys()].filter((key) => isLasting(key) || (other.base.has(key) && !isOfRevision(key))),
      )
      .filter((key) => !labels.has(key) && !absent.has(key))
      .sort()[0];
    if (foreign === undefined) break;
    absent.add(foreign);
  }
  return selectorOf(chosen, absent);
}

/** Labels that a revision of a template gets from its controller. */
function isOfRevision(key: string): boolean {
  return !isLasting(key) && !/version|chart|revision$/.test(key);
}

function isSame(a: Labels, b: Labels): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function selectorOf(labels: Labels, absent: ReadonlySet<string> = new Set()): LabelSelector {
  const sorted = [...labels].sort(byKey);
  const keys = [...absent].sort(byText);
  return {
    ...(sorted.length === 0 ? {} : { matchLabels: Object.fromEntries(sorted) }),
    ...(keys.length === 0 ? {} : { matchExpressions: keys.map((key) => ({ key, operator: 'DoesNotExist' as const })) }),
  };
}
