import type { Address } from './address.ts';
import { holdsEveryAddress, isInBlock, overlap, rangesOf } from './blocks.ts';
import type { Classes, PodClass } from './classes.ts';
import type { Peer, Rule } from './rules.ts';
import { selects } from './selector.ts';

/** Whether peers include an end: no, yes, or it depends on an unknown address. */
export type Match = 0 | 1 | 2;
export const no = 0;
export const yes = 1;
export const unknown = 2;

/** The namespace of a policy: that of its peers that name none. */
export interface Home {
  readonly namespace: string;
}

/** Whether a rule's peers include the other end of a flow. */
export type Matcher = (rule: Rule, policy: Home, other: PodClass | Address) => Match;

/** Creates a matcher for the classes of one world. It asks each peer about each class only once. */
export function createMatcher(classes: Classes): Matcher {
  const asked = new Map<Peer, Uint8Array>();

  function matchClass(peer: Peer, policy: Home, one: PodClass): Match {
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

  return (rule, policy, other) => {
    if (rule.peers === undefined) return yes;
    let match: Match = no;
    for (const peer of rule.peers) {
      const one = 'family' in other ? matchAddress(peer, other) : matchClass(peer, policy, other);
      if (one === yes) return yes;
      if (one === unknown) match = unknown;
    }
    return match === unknown && 'pod' in other && holdsEveryAddress(rule, other.pod.addresses, other.networks)
      ? yes
      : match;
  };
}

const notAsked = 255;

function matchPod(peer: Peer, policy: Home, { pod, namespace, namespaceLabels, networks }: PodClass): Match {
  if (peer.kind === 'pods') {
    const inNamespace =
      peer.namespaceSelector === undefined
        ? namespace === policy.namespace
        : selects(peer.namespaceSelector, namespaceLabels);
    return inNamespace && selects(peer.podSelector, pod.labels) ? yes : no;
  }
  if (pod.addresses.length === 0) return overlap(rangesOf(peer), networks) ? unknown : no;
  const matches = pod.addresses.filter((address) => isInBlock(peer, address)).length;
  return matches === 0 ? no : matches === pod.addresses.length ? yes : unknown;
}

function matchAddress(peer: Peer, address: Address): Match {
  return peer.kind === 'addresses' && isInBlock(peer, address) ? yes : no;
}
