import { BlockList } from 'node:net';
import type {
  IPBlock,
  LabelSelector,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../src/kubernetes/network-policy.ts';
import type { PodSketch, PolicySketch, Question, WorldSketch } from './worlds.ts';

// A second implementation of NetworkPolicy, from the doc comments of networking/v1 types.go. It
// goes Pod by Pod and rule by rule, and shares nothing with the engine (addresses are Node's own).
// It is slow and plain, so that a reader can compare it with those comments.

export type Labels = Readonly<Record<string, string>>;
export type NaiveAnswer = 'allowed' | 'denied' | 'undefined';

/** One end for a rule: a Pod, or an address that no Pod has. */
export interface End {
  readonly namespace?: string;
  readonly pod?: PodSketch;
  /**
   * The possible addresses of the traffic of this end. If a Pod's are unknown, there is one of
   * every kind that the blocks of the world distinguish.
   */
  readonly addresses: readonly string[];
}

/**
 * Returns whether a flow is allowed in a world. `everywhere` contains an address of every kind that
 * its ipBlocks distinguish.
 */
export function answerNaively(world: WorldSketch, question: Question, everywhere: readonly string[]): NaiveAnswer {
  const [from = '', , to = '', target = ''] = question.split(' ');
  const [port, protocol = ''] = target.split('/');
  const [source, destination] = [endOf(world, from, everywhere), endOf(world, to, everywhere)];
  if (source.pod !== undefined && source.pod === destination.pod) return 'allowed';
  if (source.pod?.hostNetwork || destination.pod?.hostNetwork || protocol === 'ICMP') return 'undefined';
  if (destination.pod?.nodes?.includes(from) || source.pod?.nodes?.includes(to)) return 'allowed';
  const isOpen = (rulePorts: readonly NetworkPolicyPort[] | undefined): boolean =>
    (rulePorts ?? []).length === 0 ||
    (rulePorts ?? []).some((one) => holdsPort(one, Number(port), protocol, destination.pod));
  const egress = askEnd(world, source, 'Egress', destination, isOpen);
  const ingress = askEnd(world, destination, 'Ingress', source, isOpen);
  if (egress === 'denied' || ingress === 'denied') return 'denied';
  return egress === 'allowed' && ingress === 'allowed' ? 'allowed' : 'undefined';
}

export function endOf(world: WorldSketch, name: string, everywhere: readonly string[]): End {
  const [path, pod] =
    Object.entries(world.pods).find(
      ([path, pod]) => path === name || (pod.hostNetwork !== true && pod.ips?.includes(name)),
    ) ?? [];
  if (path === undefined || pod === undefined) return { addresses: [name] };
  const addresses = pod.ips === undefined || pod.ips.length === 0 ? everywhere : pod.ips;
  return { namespace: path.slice(0, path.indexOf('/')), pod, addresses };
}

export function askEnd(
  world: WorldSketch,
  own: End,
  type: 'Ingress' | 'Egress',
  other: End,
  isOpen: (ports: readonly NetworkPolicyPort[] | undefined) => boolean,
): NaiveAnswer {
  const isolating = world.policies.filter(
    (policy) =>
      own.pod !== undefined &&
      (policy.namespace ?? 'x') === own.namespace &&
      holdsLabels(policy.podSelector ?? {}, own.pod.labels ?? {}) &&
      typesOf(policy).includes(type),
  );
  if (isolating.length === 0) return 'allowed';
  let answer: NaiveAnswer = 'denied';
  for (const policy of isolating) {
    const rules =
      type === 'Ingress'
        ? (policy.ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports }))
        : (policy.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports }));
    for (const { peers, ports } of rules) {
      if (!isOpen(ports)) continue;
      if (peers.length === 0) return 'allowed';
      const held = other.addresses.filter((address) =>
        peers.some((peer) => holdsEnd(world, policy.namespace ?? 'x', peer, other, address)),
      );
      if (held.length === other.addresses.length) return 'allowed';
      if (held.length > 0) answer = 'undefined';
    }
  }
  return answer;
}

export function typesOf({ policyTypes, egress }: PolicySketch): readonly string[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress !== undefined && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function holdsEnd(world: WorldSketch, home: string, peer: NetworkPolicyPeer, end: End, address: string): boolean {
  if (peer.ipBlock !== undefined) return holdsAddress(peer.ipBlock, address);
  if (end.pod === undefined || end.namespace === undefined) return false;
  const namespaceLabels = world.namespaces[end.namespace] ?? {};
  const isThere =
    peer.namespaceSelector === undefined
      ? end.namespace === home
      : holdsLabels(peer.namespaceSelector, namespaceLabels);
  return isThere && (peer.podSelector === undefined || holdsLabels(peer.podSelector, end.pod.labels ?? {}));
}

/** There are few blocks and addresses, and Node's own list is slow to make. */
const memberships = new Map<string, boolean>();

export function holdsAddress({ cidr, except = [] }: IPBlock, address: string): boolean {
  const isIn = (block: string): boolean => {
    const known = memberships.get(`${block} ${address}`);
    if (known !== undefined) return known;
    const [network = '', prefix] = block.split('/');
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), familyOf(network));
    const isMember = familyOf(network) === familyOf(address) && list.check(address, familyOf(address));
    memberships.set(`${block} ${address}`, isMember);
    return isMember;
  };
  return isIn(cidr) && !except.some(isIn);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

export function holdsLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (!Object.hasOwn(labels, key)) return operator === 'NotIn' || operator === 'DoesNotExist';
      if (operator === 'In') return values.includes(labels[key] as string);
      if (operator === 'NotIn') return !values.includes(labels[key] as string);
      return operator === 'Exists';
    })
  );
}

export function holdsPort(
  one: NetworkPolicyPort,
  port: number,
  protocol: string,
  destination: PodSketch | undefined,
): boolean {
  if ((one.protocol ?? 'TCP') !== protocol) return false;
  if (one.port === undefined) return true;
  if (typeof one.port === 'string') return destination?.ports?.includes(`${one.port}:${port}/${protocol}`) ?? false;
  return one.endPort === undefined ? port === one.port : one.port <= port && port <= one.endPort;
}
