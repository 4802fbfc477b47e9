import type { Labels } from '../kubernetes/labels.ts';
import type { Address, Range } from './address.ts';
import { everyAddress } from './blocks.ts';
import type { Direction, Peer, Policy, Rule } from './rules.ts';
import { selects } from './selector.ts';
import type { Pod, World } from './world.ts';

/** Pods that no policy of this world can tell apart. */
export interface PodClass {
  readonly index: number;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  /** One pod that stands for the class. */
  readonly pod: Pod;
  readonly pods: readonly Pod[];
  /** The networks in which a pod of this world may be if its address is not known. */
  readonly networks: readonly Range[];
  /** The policies that select these pods and isolate them, by direction. */
  readonly isolatedBy: Readonly<Record<Direction, readonly Policy[]>>;
}

export interface Classes {
  readonly all: readonly PodClass[];
  of(pod: Pod): PodClass | undefined;
}

/**
 * Sorts the pods of a world into classes: by namespace, and by the labels, port names and addresses
 * that the world's policies ask about.
 */
export function classify(world: World): Classes {
  const asked = questionsOf(world.policies);
  const networks = world.podNetworks ?? everyAddress;
  const policiesByNamespace = Map.groupBy(world.policies, (policy) => policy.namespace);
  const groups = Map.groupBy(world.pods, (pod) => signature(pod, asked));
  const byPod = new Map<Pod, PodClass>();
  const all = [...groups.values()].map((pods, index): PodClass => {
    const pod = pods[0] as Pod;
    const selecting = (policiesByNamespace.get(pod.namespace) ?? []).filter((policy) =>
      selects(policy.podSelector, pod.labels),
    );
    const one: PodClass = {
      index,
      namespace: pod.namespace,
      namespaceLabels: world.namespaces.get(pod.namespace) ?? new Map(),
      pod,
      pods,
      networks,
      isolatedBy: {
        ingress: selecting.filter((policy) => policy.isolates.ingress),
        egress: selecting.filter((policy) => policy.isolates.egress),
      },
    };
    for (const member of pods) byPod.set(member, one);
    return one;
  });
  return { all, of: (pod) => byPod.get(pod) };
}

/** Every address peer of a rule list. */
export function addressRanges(rules: readonly Rule[]): readonly Range[] {
  return rules.flatMap((rule) =>
    (rule.peers ?? []).flatMap((peer) => (peer.kind === 'addresses' ? [peer.range, ...peer.except] : [])),
  );
}

interface Questions {
  readonly labelKeys: readonly string[];
  readonly portNames: ReadonlySet<string>;
  /**
   * The addresses at which membership in some ipBlock changes. All addresses between two neighbours
   * are alike.
   */
  readonly boundaries: Readonly<Record<4 | 6, readonly bigint[]>>;
}

function questionsOf(policies: readonly Policy[]): Questions {
  const labelKeys = new Set<string>();
  const portNames = new Set<string>();
  const boundaries = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  for (const policy of policies) {
    for (const { key } of policy.podSelector.requirements) labelKeys.add(key);
    for (const rules of [policy.ingress, policy.egress]) {
      for (const rule of rules) {
        for (const peer of rule.peers ?? []) for (const key of podKeys(peer)) labelKeys.add(key);
        for (const { port } of rule.ports ?? [])
          if (typeof port === 'object' && 'name' in port) portNames.add(port.name);
      }
      for (const range of addressRanges(rules)) boundaries[range.family].add(range.first).add(range.last + 1n);
    }
  }
  const sorted = (values: ReadonlySet<bigint>): readonly bigint[] =>
    [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    labelKeys: [...labelKeys],
    portNames,
    boundaries: { 4: sorted(boundaries[4]), 6: sorted(boundaries[6]) },
  };
}

function podKeys(peer: Peer): readonly string[] {
  return peer.kind === 'pods' ? peer.podSelector.requirements.map(({ key }) => key) : [];
}

function signature(pod: Pod, asked: Questions): string {
  const labels = asked.labelKeys.flatMap((key) => {
    const value = pod.labels.get(key);
    return value === undefined ? [] : [[key, value]];
  });
  const ports = pod.ports
    .filter((port) => asked.portNames.has(port.name))
    .map(({ name, protocol, port }) => `${name}/${protocol}/${port}`);
  const addresses = pod.addresses.map(
    (address) => `${address.family}:${position(asked.boundaries[address.family], address)}`,
  );
  return JSON.stringify([pod.namespace, labels, ports.sort(), addresses.sort(), pod.hostNetwork]);
}

/** How many boundaries are at or below an address, by bisection. */
function position(boundaries: readonly bigint[], { value }: Address): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] as bigint) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
