import type { Labels } from '../kubernetes/labels.ts';
import type { Address, Range } from './address.ts';
import { everyAddress } from './blocks.ts';
import type { Direction, Policy, Rule } from './rules.ts';
import { type Selector, selects } from './selector.ts';
import type { TieredPolicy } from './tiered-policy.ts';
import { type AppliedTiers, tiersOf } from './tiers.ts';
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
  /** The tiered policies that apply to these pods. Undefined in a world without such policies. */
  readonly tiers?: AppliedTiers;
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
  const tiered = world.tiered ?? [];
  const asked = questionsOf(world.policies, tiered);
  const networks = world.podNetworks ?? everyAddress;
  const policiesByNamespace = Map.groupBy(world.policies, (policy) => policy.namespace);
  const groups = Map.groupBy(world.pods, (pod) => signature(pod, asked));
  const byPod = new Map<Pod, PodClass>();
  const all = [...groups.values()].map((pods, index): PodClass => {
    const pod = pods[0] as Pod;
    const selecting = (policiesByNamespace.get(pod.namespace) ?? []).filter((policy) =>
      selects(policy.podSelector, pod.labels),
    );
    const namespaceLabels = world.namespaces.get(pod.namespace) ?? new Map();
    const one: PodClass = {
      index,
      namespace: pod.namespace,
      namespaceLabels,
      pod,
      pods,
      // The networks of pods are not those of nodes.
      networks: pod.hostNetwork ? everyAddress : networks,
      isolatedBy: {
        ingress: selecting.filter((policy) => policy.isolates.ingress),
        egress: selecting.filter((policy) => policy.isolates.egress),
      },
      ...(tiered.length === 0 ? {} : { tiers: tiersOf(tiered, pod, namespaceLabels) }),
    };
    for (const member of pods) byPod.set(member, one);
    return one;
  });
  return { all, of: (pod) => byPod.get(pod) };
}

/** Every address peer of a rule list. */
export function addressRanges(rules: readonly Pick<Rule, 'peers'>[]): readonly Range[] {
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
  /** Whether rules ask for the addresses of Nodes, which pods on the host's network have. */
  readonly nodes: boolean;
}

function questionsOf(policies: readonly Policy[], tiered: readonly TieredPolicy[]): Questions {
  const labelKeys = new Set<string>();
  const portNames = new Set<string>();
  const boundaries = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  const askSelector = ({ requirements }: Selector): void => {
    for (const { key } of requirements) labelKeys.add(key);
  };
  const askRule = (rule: Pick<Rule, 'peers' | 'ports'>): void => {
    for (const peer of rule.peers ?? []) if (peer.kind === 'pods') askSelector(peer.podSelector);
    for (const { port } of rule.ports ?? []) if (typeof port === 'object' && 'name' in port) portNames.add(port.name);
    for (const range of addressRanges([rule])) boundaries[range.family].add(range.first).add(range.last + 1n);
  };
  for (const policy of policies) {
    askSelector(policy.podSelector);
    for (const rule of [...policy.ingress, ...policy.egress]) askRule(rule);
  }
  let nodes = false;
  for (const policy of tiered) {
    askSelector(policy.subject.podSelector);
    for (const rule of [...policy.ingress, ...policy.egress]) {
      askRule({ peers: rule.pods.peers, ports: rule.ports });
      askRule(rule.networks);
      nodes ||= rule.nodes !== undefined;
    }
  }
  const sorted = (values: ReadonlySet<bigint>): readonly bigint[] =>
    [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    labelKeys: [...labelKeys],
    portNames,
    boundaries: { 4: sorted(boundaries[4]), 6: sorted(boundaries[6]) },
    nodes,
  };
}

function signature(pod: Pod, asked: Questions): string {
  const labels = asked.labelKeys.flatMap((key) => {
    const value = pod.labels.get(key);
    return value === undefined ? [] : [[key, value]];
  });
  const ports = pod.ports
    .filter((port) => asked.portNames.has(port.name))
    .map(({ name, protocol, port }) => `${name}/${protocol}/${port}`);
  // A pod on the host's network has the addresses of its Node. Nodes and pods may share a network,
  // so other pods are not divided by the addresses of Nodes.
  const isNode = asked.nodes && pod.hostNetwork;
  const addresses = pod.addresses.map(
    (address) => `${address.family}:${isNode ? address.value : position(asked.boundaries[address.family], address)}`,
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
