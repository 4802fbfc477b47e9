import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { type Range, subtract } from './address.ts';
import type { Budget } from './budget.ts';
import {
  boxesOf,
  type Identity,
  type NamespaceLookup,
  ownIdentities,
  peerIdentities,
  selectsNoJudged,
  type Vocabulary,
} from './identities.ts';
import type { AddressPeer, Direction, Peer, PodPeer, Policy, Rule } from './rules.ts';
import type { Selector } from './selector.ts';
import type { ValueSet } from './values.ts';

/** The other end of a rule, before any pod exists. */
export type Other =
  | { readonly kind: 'anyone' }
  | {
      readonly kind: 'pods';
      readonly peer: PodPeer;
      readonly identities: readonly Identity[];
      /**
       * The names that its namespaceSelector allows. Undefined if the selector does not restrict
       * names.
       */
      readonly names: ValueSet | undefined;
    }
  | { readonly kind: 'addresses'; readonly peer: AddressPeer; readonly ranges: readonly Range[] };

/**
 * One peer of one rule: what it opens between the selected pods and the other end, on the rule's
 * ports.
 */
export interface Opening {
  readonly direction: Direction;
  readonly rule: Rule;
  /** The path of the peer. If the rule has no peers, the path of the rule. */
  readonly field: string;
  readonly other: Other;
}

/** Everything that a policy opens, whichever pods will be created. */
export interface Openings {
  /** The pods that it selects: any pod of its namespace if `selectsNoJudged`. */
  readonly own: readonly Identity[];
  /** Whether no judged pod of its namespace has the labels that it asks for. */
  readonly selectsNoJudged: boolean;
  readonly all: readonly Opening[];
}

/** The text of a doubt if the budget of its review is spent. */
export const spent = 'this review has looked at as much as it may';

/**
 * A peer, or a rule without peers, costs about as much as twenty values: its identities, flows,
 * ranges and messages.
 */
const peerWork = 20;

/**
 * What a policy opens. Returns `tooComplex` if that would take more work than the budget has for
 * one policy, or than is left of it. The work is counted in label values, each of which takes about
 * a microsecond.
 */
export function openingsOf(
  policy: Policy,
  own: { readonly name: string; readonly labels: Labels },
  lookup: NamespaceLookup,
  vocabulary: Vocabulary,
  budget: Budget,
): Openings | { readonly tooComplex: string } {
  const work = workOf(policy);
  const { policyWork } = budget;
  if (work > policyWork)
    return {
      tooComplex: `its ${work} selector values, peers and exceptions are more than the ${policyWork} that are judged`,
    };
  if (!budget.takeWork(work))
    return { tooComplex: `${spent}; its ${work} selector values, peers and exceptions are left` };
  const all: Opening[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    for (const rule of policy[direction]) {
      if (rule.peers === undefined) all.push({ direction, rule, field: rule.field, other: { kind: 'anyone' } });
      for (const peer of rule.peers ?? []) {
        all.push({ direction, rule, field: peer.field, other: otherOf(peer, own, lookup, vocabulary) });
      }
    }
  }
  return {
    own: ownIdentities(policy, own.labels, vocabulary),
    selectsNoJudged: selectsNoJudged(policy, own.labels, vocabulary),
    all,
  };
}

function otherOf(
  peer: Peer,
  own: { readonly name: string; readonly labels: Labels },
  lookup: NamespaceLookup,
  vocabulary: Vocabulary,
): Other {
  if (peer.kind === 'addresses') return { kind: 'addresses', peer, ranges: subtract([peer.range], peer.except) };
  const boxes = peer.namespaceSelector === undefined ? undefined : boxesOf(peer.namespaceSelector);
  const identities = peerIdentities(peer, boxes, own, lookup, vocabulary);
  return { kind: 'pods', peer, identities, names: boxes?.get(metadataNameLabel) };
}

function workOf(policy: Policy): number {
  let work = size(policy.podSelector);
  for (const rule of [...policy.ingress, ...policy.egress]) {
    work += (rule.ports?.length ?? 0) + (rule.peers === undefined ? peerWork : 1);
    for (const peer of rule.peers ?? []) {
      work += peerWork;
      if (peer.kind === 'addresses') work += peer.except.length;
      else
        work +=
          size(peer.podSelector) + (peer.namespaceSelector === undefined ? 0 : sizeByName(peer.namespaceSelector));
    }
  }
  return work;
}

function size(selector: Selector): number {
  return selector.requirements.reduce((sum, { values }) => sum + 1 + values.size, 0);
}

/** Each named namespace is checked against every requirement, and counts as a peer of its own. */
function sizeByName(selector: Selector): number {
  const names = selector.requirements.filter(({ key }) => key === metadataNameLabel).map(({ values }) => values.size);
  return (
    size(selector) + (selector.requirements.length + peerWork) * names.reduce((most, one) => Math.max(most, one), 0)
  );
}
