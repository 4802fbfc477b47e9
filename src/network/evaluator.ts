import type { Address } from './address.ts';
import { type Classes, classify, type PodClass } from './classes.ts';
import { createMatcher } from './match.ts';
import type { Protocol } from './rules.ts';
import { both, judgeSide, type Side, type Verdict, type View } from './side.ts';
import { createSideJudge } from './tiered-answer.ts';
import type { TieredSide } from './tiered-side.ts';
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

/** A verdict and its reasons. A side is undefined if no policy of that end was consulted. */
export interface Answer {
  readonly verdict: Verdict;
  /**
   * Why no policy was consulted: the flow is to the pod itself or its node, or uses the host's
   * network or ICMP.
   */
  readonly because?: string;
  readonly egress?: Side | TieredSide;
  readonly ingress?: Side | TieredSide;
}

/**
 * Answers questions about one world. The answers never change, because the world is frozen when
 * this is created.
 */
export interface Evaluator {
  readonly classes: Classes;
  answer(flow: Flow): Answer;
  /** An address as an end of a flow: the pod that has the address, if there is one. */
  endpointOf(address: Address): Endpoint;
}

/**
 * Follows the exact semantics of networking.k8s.io/v1 (the doc comments of its types.go): policies
 * add up, a pod that no policy isolates in a direction is open in it, and both ends must allow a
 * flow. What Kubernetes leaves undefined (host network, ICMP) is reported as undefined, not
 * guessed. In a world with policies of policy.networking.k8s.io, their tiers decide before and
 * after (tiered-side.ts).
 */
export function createEvaluator(world: World): Evaluator {
  const classes = classify(world);
  const match = createMatcher(classes);
  const isTiered = (world.tiered ?? []).length > 0;
  const judgeTiers = isTiered ? createSideJudge(classes, match) : undefined;
  const podsByAddress = new Map<string, Pod>();
  for (const pod of world.pods) {
    if (!pod.hostNetwork) for (const { family, value } of pod.addresses) podsByAddress.set(`${family}:${value}`, pod);
  }

  /** A pod that is not in this world has no class and no policies of its own. */
  function endOf(end: Endpoint): { readonly own: PodClass | undefined; readonly other: PodClass | Address } {
    if ('address' in end) return { own: undefined, other: end.address };
    const own = classes.of(end.pod);
    return { own, other: own as PodClass };
  }

  function answer({ from, to, protocol, port }: Flow): Answer {
    const source = 'pod' in from ? from.pod : undefined;
    const destination = 'pod' in to ? to.pod : undefined;
    if (source !== undefined && source === destination)
      return { verdict: 'allowed', because: 'a pod always reaches itself' };
    const isNode =
      ('address' in from && destination !== undefined && isNodeOf(destination, from.address)) ||
      ('address' in to && source !== undefined && isNodeOf(source, to.address));
    if (judgeTiers === undefined) {
      const unasked = answerWithoutPolicies(source, destination, protocol, isNode);
      if (unasked !== undefined) return unasked;
    }
    const [sender, receiver] = [endOf(from), endOf(to)];
    const asked = { destination, protocol, port };
    const judge = (view: View): Side | TieredSide =>
      judgeTiers === undefined ? judgeSide(match, view) : judgeTiers(view, isNode);
    const egress = sender.own && judge({ direction: 'egress', own: sender.own, other: receiver.other, ...asked });
    const ingress = receiver.own && judge({ direction: 'ingress', own: receiver.own, other: sender.other, ...asked });
    if (judgeTiers !== undefined && (isNode || protocol === 'ICMP') && !isRuled(egress) && !isRuled(ingress)) {
      const unasked = answerWithoutPolicies(undefined, undefined, protocol, isNode);
      if (unasked !== undefined) return unasked;
    }
    const verdict = both(egress?.verdict ?? 'allowed', ingress?.verdict ?? 'allowed');
    // Most flows have two Pods. To spread parts that may be absent costs more than to judge them.
    if (egress !== undefined && ingress !== undefined) return { verdict, egress, ingress };
    return { verdict, ...(egress === undefined ? {} : { egress }), ...(ingress === undefined ? {} : { ingress }) };
  }

  return {
    classes,
    answer,
    endpointOf(address) {
      const pod = podsByAddress.get(`${address.family}:${address.value}`);
      return pod === undefined ? { address } : { pod };
    },
  };
}

/**
 * The answer for a flow about which NetworkPolicies say nothing, and undefined for any other flow.
 */
function answerWithoutPolicies(
  source: Pod | undefined,
  destination: Pod | undefined,
  protocol: Flow['protocol'],
  isNode: boolean,
): Answer | undefined {
  const host = [source, destination].find((pod) => pod?.hostNetwork);
  if (host !== undefined)
    return {
      verdict: 'undefined',
      because: `${host.namespace}/${host.name} uses the host's network, where NetworkPolicies are undefined`,
    };
  if (protocol === 'ICMP') return { verdict: 'undefined', because: 'NetworkPolicies say nothing about ICMP' };
  return isNode
    ? { verdict: 'allowed', because: 'traffic between a pod and the node it runs on is always allowed' }
    : undefined;
}

/** Whether a rule of a tier decides about a side, or may decide. */
function isRuled(side: Side | TieredSide | undefined): boolean {
  return side !== undefined && 'admin' in side && [side.admin, side.baseline].some((one) => one?.rulings.length);
}

function isNodeOf(pod: Pod, address: Address): boolean {
  return pod.nodeAddresses.some((node) => node.family === address.family && node.value === address.value);
}
