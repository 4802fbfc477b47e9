import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../kubernetes/network-policy.ts';
import type { Direction, Protocol } from '../network/rules.ts';
import { byKey } from './text-order.ts';

/** The ports between two ends, and the peers that mean the other end. */
export interface Passage {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly protocol: Protocol;
  readonly port: number;
}

/** What one policy opens. */
export interface Allowance {
  readonly name: string;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly podSelector: LabelSelector;
  readonly direction: Direction;
  readonly passages: readonly Passage[];
  /** Rules of the baseline in the same direction that the Pods need before it is there. */
  readonly ahead?: readonly object[];
  /** Whether a peer is the outside: an ingress controller, or addresses. */
  readonly isExposing: boolean;
}

/** More ports than this between two ends are written as ranges, where they are contiguous. */
const singlePorts = 8;

/**
 * Builds a policy that opens exactly the passages. It carries the identity labels of its namespace.
 * Peers with the same ports are in one rule, and everything is sorted, so equal allowances are
 * equal objects.
 */
export function buildPolicy(allowance: Allowance, config: Config): NetworkPolicy {
  const { name, namespace, namespaceLabels, podSelector, direction, passages, ahead = [], isExposing } = allowance;
  const { required, keys } = config.taxonomy;
  const agreeing = [...keys.values()].filter(({ agrees }) => agrees).map(({ key }) => key);
  const identity = [...new Set([...required.NetworkPolicy, ...agreeing])].flatMap((key) => {
    const value = namespaceLabels.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const exposed = isExposing && config.taxonomy.keys.has('expose') ? [['expose', 'true'] as const] : [];
  const rules = sorted([...rulesOf(passages, direction), ...ahead]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: Object.fromEntries([...identity, ...exposed]) },
    spec:
      direction === 'ingress'
        ? { podSelector, policyTypes: ['Ingress'], ingress: rules }
        : { podSelector, policyTypes: ['Egress'], egress: rules },
  };
}

function rulesOf(passages: readonly Passage[], direction: Direction): readonly object[] {
  const byPeers = Map.groupBy(passages, ({ peers }) => JSON.stringify(peers));
  const byPorts = Map.groupBy(
    [...byPeers.values()].map((same) => ({ peers: same[0]?.peers ?? [], ports: portsOf(same) })),
    ({ ports }) => JSON.stringify(ports),
  );
  return [...byPorts.values()].map((same) => {
    const peers = same.flatMap((one) => one.peers);
    const ports = same[0]?.ports ?? [];
    return direction === 'ingress' ? { from: sorted(peers), ports } : { to: sorted(peers), ports };
  });
}

/** Each value once, in an order that depends on nothing else. */
function sorted<T>(values: readonly T[]): readonly T[] {
  const entries = values.map((value) => [JSON.stringify(value), value] as const);
  return [...new Map(entries)].sort(byKey).map(([, value]) => value);
}

/** The ports of passages between the same two ends, by protocol and number. */
function portsOf(passages: readonly Passage[]): readonly NetworkPolicyPort[] {
  return [...Map.groupBy(passages, ({ protocol }) => protocol)].sort(byKey).flatMap(([protocol, same]) => {
    const numbers = [...new Set(same.map(({ port }) => port))].sort((a, b) => a - b);
    if (numbers.length <= singlePorts) return numbers.map((port) => ({ protocol, port }));
    return spansOf(numbers).map(([first, last]) =>
      first === last ? { protocol, port: first } : { protocol, port: first, endPort: last },
    );
  });
}

function spansOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans;
}
