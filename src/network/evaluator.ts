import type { Address } from './address.ts';
import { holdsEveryAddress, isInBlock } from './blocks.ts';
import { type Classes, classify, type PodClass } from './classes.ts';
import type { Direction, Peer, Policy, PortRange, Protocol, Rule } from './rules.ts';
import { selects } from './selector.ts';
import type { Pod, World } from './world.ts';

/** One end of a flow. */
export type Endpoint = { readonly pod: Pod } | { readonly address: Address };

/** A flow's port, as the destination pod sees it (after Service translation). */
export interface Flow {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol | 'ICMP';
  readonly port: number;
}

export type Verdict = 'allowed' | 'denied' | 'undefined';

/** What one end's policies say. */
export interface Side {
  readonly verdict: Verdict;
  /** The policies that isolate this end in this direction; none: it is open. */
  readonly isolatedBy: readonly Policy[];
  /** The rules that allow the flow. */
  readonly allowedBy: readonly { readonly policy: Policy; readonly rule: Rule }[];
  /** Why it is undefined. */
  readonly doubt?: string;
}

/** A verdict and its reasons; a side is undefined where no policy of that end was asked. */
export interface Answer {
  readonly verdict: Verdict;
  /** Why no policy was asked: the pod itself, its node, the host's network, ICMP. */
  readonly because?: string;
  readonly egress?: Side;
  readonly ingress?: Side;
}

/** Answers about one world. Answers never change: the world is frozen into it. */
export interface Evaluator {
  readonly classes: Classes;
  answer(flow: Flow): Answer;
  /** What the policies of one end allow between two classes; the fast path of the matrix. */
  side(direction: Direction, own: PodClass, peer: PodClass, protocol: Protocol, port: number): Verdict;
  /** An address as an end: the pod that has it, if one does. */
  endpointOf(address: Address): Endpoint;
}

/** Three values: 0 no, 1 yes, 2 depends on what is not known. */
type Match = 0 | 1 | 2;
const no = 0;
const yes = 1;
const unknown = 2;
const notAsked = 255;

/**
 * Exact semantics of networking.k8s.io/v1 (the doc comments of its types.go): policies add up; a pod that no policy isolates in a direction
 * is open in it; both ends must allow. What Kubernetes leaves undefined (host network, ICMP) is said, not guessed.
 */
export function createEvaluator(world: World): Evaluator {
  const classes = classify(world);
  const asked = new Map<Peer, Uint8Array>();
  const podsByAddress = new Map<string, Pod>();
  for (const pod of world.pods) {
    if (!pod.hostNetwork) for (const { family, value } of pod.addresses) podsByAddress.set(`${family}:${value}`, pod);
  }

  function peerMatch(peer: Peer, policy: Policy, one: PodClass): Match {
    let answers = asked.get(peer);
    if (answers === undefined) {
      answers = new Uint8Array(classes.all.length).fill(notAsked);
      asked.set(peer, answers);
    }
    const known = answers[one.index];
    if (known !== notAsked) return known as Match;
    const match = matchPod(peer, policy, one);
    answers[one.index] = match;
    return match;
  }

  /** Whether a rule's peers include the other end. */
  function ruleMatch(rule: Rule, policy: Policy, other: PodClass | Address): Match {
    if (rule.peers === undefined) return yes;
    let match: Match = no;
    for (const peer of rule.peers) {
      const one = 'family' in other ? matchAddress(peer, other) : peerMatch(peer, policy, other);
      if (one === yes) return yes;
      if (one === unknown) match = unknown;
    }
    return match === unknown && 'pod' in other && holdsEveryAddress(rule, other.pod.addresses) ? yes : match;
  }

  function sideVerdict(
    direction: Direction,
    own: PodClass,
    other: PodClass | Address,
    destination: Pod | undefined,
    protocol: Protocol,
    port: number,
  ): Verdict {
    const policies = own.isolatedBy[direction];
    if (policies.length === 0) return 'allowed';
    let doubt = false;
    for (const policy of policies) {
      for (const rule of policy[direction]) {
        if (!allowsPort(rule.ports, destination, protocol, port)) continue;
        const match = ruleMatch(rule, policy, other);
        if (match === yes) return 'allowed';
        if (match === unknown) doubt = true;
      }
    }
    return doubt ? 'undefined' : 'denied';
  }

  function explainSide(
    direction: Direction,
    own: PodClass,
    other: PodClass | Address,
    destination: Pod | undefined,
    protocol: Protocol,
    port: number,
  ): Side {
    const isolatedBy = own.isolatedBy[direction];
    const allowedBy: { policy: Policy; rule: Rule }[] = [];
    for (const policy of isolatedBy) {
      const rules = policy[direction];
      for (const rule of rules) {
        if (allowsPort(rule.ports, destination, protocol, port) && ruleMatch(rule, policy, other) === yes)
          allowedBy.push({ policy, rule });
      }
    }
    const verdict = allowedBy.length > 0 ? 'allowed' : sideVerdict(direction, own, other, destination, protocol, port);
    if (verdict !== 'undefined') return { verdict, isolatedBy, allowedBy };
    const name = 'family' in other ? 'the address' : `${other.pod.namespace}/${other.pod.name}`;
    const addresses = 'family' in other ? 1 : other.pod.addresses.length;
    const doubt =
      addresses === 0
        ? `an ipBlock may hold the address of ${name}, and its status.podIP is not known`
        : `an ipBlock holds one address of ${name} and not the other`;
    return { verdict, isolatedBy, allowedBy, doubt };
  }

  function answer({ from, to, protocol, port }: Flow): Answer {
    const source = 'pod' in from ? from.pod : undefined;
    const destination = 'pod' in to ? to.pod : undefined;
    if (source !== undefined && source === destination)
      return { verdict: 'allowed', because: 'a pod always reaches itself' };
    const host = [source, destination].find((pod) => pod?.hostNetwork);
    if (host !== undefined)
      return {
        verdict: 'undefined',
        because: `${host.namespace}/${host.name} uses the host's network, where NetworkPolicies are undefined`,
      };
    if (protocol === 'ICMP') return { verdict: 'undefined', because: 'NetworkPolicies say nothing about ICMP' };
    if (
      ('address' in from && destination !== undefined && isNodeOf(destination, from.address)) ||
      ('address' in to && source !== undefined && isNodeOf(source, to.address))
    ) {
      return { verdict: 'allowed', because: 'traffic between a pod and the node it runs on is always allowed' };
    }
    const sourceEnd = source === undefined ? undefined : classes.of(source);
    const destinationEnd = destination === undefined ? undefined : classes.of(destination);
    const other = (end: Endpoint): PodClass | Address =>
      'pod' in end ? (classes.of(end.pod) as PodClass) : end.address;
    const egress =
      sourceEnd === undefined ? undefined : explainSide('egress', sourceEnd, other(to), destination, protocol, port);
    const ingress =
      destinationEnd === undefined
        ? undefined
        : explainSide('ingress', destinationEnd, other(from), destination, protocol, port);
    return {
      verdict: both(egress?.verdict ?? 'allowed', ingress?.verdict ?? 'allowed'),
      ...(egress === undefined ? {} : { egress }),
      ...(ingress === undefined ? {} : { ingress }),
    };
  }

  return {
    classes,
    answer,
    side: (direction, own, peer, protocol, port) =>
      sideVerdict(direction, own, peer, direction === 'ingress' ? own.pod : peer.pod, protocol, port),
    endpointOf(address) {
      const pod = podsByAddress.get(`${address.family}:${address.value}`);
      return pod === undefined ? { address } : { pod };
    },
  };
}

/** Both ends must allow; one that denies decides, whatever is not known of the other. */
export function both(a: Verdict, b: Verdict): Verdict {
  if (a === 'denied' || b === 'denied') return 'denied';
  return a === 'allowed' && b === 'allowed' ? 'allowed' : 'undefined';
}

/** Whether a rule's ports hold one: a name is resolved by the destination pod's container ports, and by nothing outside the cluster. */
export function allowsPort(
  ports: readonly PortRange[] | undefined,
  destination: Pod | undefined,
  protocol: Protocol,
  port: number,
): boolean {
  if (ports === undefined) return true;
  for (const range of ports) {
    if (range.protocol !== protocol) continue;
    if (range.port === 'all') return true;
    if ('first' in range.port) {
      if (range.port.first <= port && port <= range.port.last) return true;
      continue;
    }
    const { name } = range.port;
    if (destination?.ports.some((one) => one.name === name && one.protocol === protocol && one.port === port))
      return true;
  }
  return false;
}

function matchPod(peer: Peer, policy: Policy, { pod, namespace, namespaceLabels }: PodClass): Match {
  if (peer.kind === 'pods') {
    const inNamespace =
      peer.namespaceSelector === undefined
        ? namespace === policy.namespace
        : selects(peer.namespaceSelector, namespaceLabels);
    return inNamespace && selects(peer.podSelector, pod.labels) ? yes : no;
  }
  if (pod.addresses.length === 0) return unknown;
  const matches = pod.addresses.filter((address) => isInBlock(peer, address)).length;
  return matches === 0 ? no : matches === pod.addresses.length ? yes : unknown;
}

function matchAddress(peer: Peer, address: Address): Match {
  return peer.kind === 'addresses' && isInBlock(peer, address) ? yes : no;
}

function isNodeOf(pod: Pod, address: Address): boolean {
  return pod.nodeAddresses.some((node) => node.family === address.family && node.value === address.value);
}
