import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { PodClass } from '../network/classes.ts';
import type { Inventory } from '../network/inventory.ts';
import { noPorts, type PortSet, portRange, portSpans, unite } from '../network/port-set.ts';
import { createLaw, keysOfLaw, type Law } from '../plan/law.ts';
import type { Party } from '../plan/party.ts';
import { createPodParties, isPodOf, type PodParties } from '../plan/pod-parties.ts';
import { createSelection } from '../plan/selection.ts';
import type { Workloads } from '../plan/workloads.ts';
import type { Forbidden } from '../reach/change.ts';

/** What the rules of admission say of ports that are open between two classes of Pods. */
export interface Lawfulness {
  /** Classes of one number are alike to the rules. */
  kindOf(one: PodClass): number;
  /** The ports, of those that are open, that no policy may open. */
  forbidden(from: PodClass, to: PodClass, open: PortSet): PortSet;
  /** Why the rules forbid the first of these ports; undefined if they forbid none. */
  reason(from: PodClass, to: PodClass, open: PortSet): Forbidden | undefined;
}

/**
 * Judges open flows as a plan does: by the checks of admission, applied to the policy that would
 * open them. Classes that the rules cannot tell apart are judged once.
 */
export function createLawfulness(inventory: Inventory, workloads: Workloads, config: Config): Lawfulness {
  const { namespaces } = inventory.world;
  const law: Law = createLaw(namespaces, createSelection(namespaces, new Map(), 'name', config), config);
  const parties: PodParties = createPodParties(inventory, workloads, config.network.peers);
  const keys = keysOfLaw(config);
  const kinds = new Map<string, number>();
  const byClass = new Map<PodClass, number>();
  const known = new Map<string, PortSet>();
  const borders = config.network.matrix.flatMap(({ ports }) => ports ?? []);

  function kindOf(one: PodClass): number {
    const found = byClass.get(one);
    if (found !== undefined) return found;
    const { namespace, namespaceLabels, pod } = one;
    const peers = config.network.peers.flatMap((peer, index) => (isPodOf(peer, namespace, pod.labels) ? [index] : []));
    const text = JSON.stringify([
      isExempt(namespace, config),
      peers,
      valuesOf(namespaceLabels),
      valuesOf(pod.labels),
      pod.labels.size > 0,
    ]);
    const number = kinds.get(text) ?? kinds.size;
    kinds.set(text, number);
    byClass.set(one, number);
    return number;
  }

  function valuesOf(labels: Labels): readonly (string | null)[] {
    return keys.map((key) => labels.get(key) ?? null);
  }

  /** A span of ports in pieces, at whose first ports the rules say what they say of all of them. */
  function piecesOf(open: PortSet): readonly (readonly [ReturnType<typeof portSpans>[number], number, number])[] {
    return portSpans(open).flatMap((span) => {
      const starts = borders
        .filter(({ protocol }) => protocol === span.protocol)
        .flatMap(({ first, last }) => [first, last + 1])
        .filter((port) => port > span.first && port <= span.last);
      const all = [...new Set([span.first, ...starts])].sort((a, b) => a - b);
      return all.map((first, index) => [span, first, (all[index + 1] ?? span.last + 1) - 1] as const);
    });
  }

  function partyOf({ pod }: PodClass): Party {
    return parties.ofPod(pod);
  }

  return {
    kindOf,
    forbidden(from, to, open) {
      const key = `${kindOf(from)} ${kindOf(to)} ${from.namespace === to.namespace} ${open.join()}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const pair = { from: partyOf(from), to: partyOf(to) };
      const forbidden = piecesOf(open)
        .filter(([{ protocol }, first]) => law.judge(pair, protocol, first) !== undefined)
        .map(([{ protocol }, first, last]) => portRange(protocol, first, last))
        .reduce(unite, noPorts);
      known.set(key, forbidden);
      return forbidden;
    },
    reason(from, to, open) {
      const pair = { from: partyOf(from), to: partyOf(to) };
      for (const [{ protocol }, first] of piecesOf(open)) {
        const found = law.judge(pair, protocol, first);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
