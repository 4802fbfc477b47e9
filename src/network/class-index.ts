import type { Labels } from '../kubernetes/labels.ts';
import type { Range } from './address.ts';
import { addTo, type BitSet, difference, emptySet, forEachMember, fullSet, intersection, union } from './bit-set.ts';
import { holdsEveryAddress, isInBlock, overlap, rangesOf } from './blocks.ts';
import type { PodClass } from './classes.ts';
import type { Home } from './match.ts';
import type { AddressPeer, Peer, Rule } from './rules.ts';
import type { Requirement, Selector } from './selector.ts';

/**
 * The classes that a rule's peers hold: those that match for certain, and those that depend on an
 * unknown address. No class is in both sets.
 */
export interface Matches {
  readonly sure: BitSet;
  readonly unsure: BitSet;
}

/** Answers a rule for all classes at once. */
export interface ClassIndex {
  matches(rule: Rule, policy: Home): Matches;
}

/**
 * Sorts classes by label and value, so that a selector reads a few words of bits instead of every
 * class.
 */
export function indexClasses(classes: readonly PodClass[]): ClassIndex {
  const size = classes.length;
  const everyone = fullSet(size);
  const nobody = emptySet(size);
  const byPodLabel = indexLabels(classes.map(({ pod }) => pod.labels));
  const byNamespaceLabel = indexLabels(classes.map(({ namespaceLabels }) => namespaceLabels));
  const byNamespace = new Map<string, BitSet>();
  for (const one of classes) {
    const members = byNamespace.get(one.namespace) ?? emptySet(size);
    addTo(members, one.index);
    byNamespace.set(one.namespace, members);
  }
  const byBlock = new Map<string, Matches>();
  const byRule = new Map<Rule, Matches>();

  function peerMatches(peer: Peer, policy: Home): Matches {
    if (peer.kind === 'addresses') return blockMatches(peer);
    const inNamespace =
      peer.namespaceSelector === undefined
        ? (byNamespace.get(policy.namespace) ?? nobody)
        : byNamespaceLabel(peer.namespaceSelector);
    return { sure: intersection(inNamespace, byPodLabel(peer.podSelector)), unsure: nobody };
  }

  function blockMatches(peer: AddressPeer): Matches {
    const key = [peer.range, ...peer.except].map(({ family, first, last }) => `${family}:${first}-${last}`).join();
    const known = byBlock.get(key);
    if (known !== undefined) return known;
    const matches = { sure: emptySet(size), unsure: emptySet(size) };
    // All pods whose address is not known may be in the same networks, and nodes in all.
    const meetings = new Map<readonly Range[], boolean>();
    const meets = (networks: readonly Range[]): boolean => {
      const known = meetings.get(networks) ?? overlap(rangesOf(peer), networks);
      meetings.set(networks, known);
      return known;
    };
    for (const { index, pod, networks } of classes) {
      const inside = pod.addresses.filter((address) => isInBlock(peer, address)).length;
      if (pod.addresses.length === 0 ? meets(networks) : inside > 0 && inside < pod.addresses.length)
        addTo(matches.unsure, index);
      else if (inside > 0) addTo(matches.sure, index);
    }
    byBlock.set(key, matches);
    return matches;
  }

  /** The classes of `some` whose every address is in the rule's blocks. */
  function holdingAll(rule: Rule, some: BitSet): BitSet {
    const all = emptySet(size);
    const anywhere = new Map<readonly Range[], boolean>();
    forEachMember(some, (member) => {
      const { pod, networks } = classes[member] as PodClass;
      const holds =
        (pod.addresses.length === 0 ? anywhere.get(networks) : undefined) ??
        holdsEveryAddress(rule, pod.addresses, networks);
      if (pod.addresses.length === 0) anywhere.set(networks, holds);
      if (holds) addTo(all, member);
    });
    return all;
  }

  return {
    matches(rule, policy) {
      if (rule.peers === undefined) return { sure: everyone, unsure: nobody };
      const known = byRule.get(rule);
      if (known !== undefined) return known;
      let sure = nobody;
      let unsure = nobody;
      for (const peer of rule.peers) {
        const one = peerMatches(peer, policy);
        sure = union(sure, one.sure);
        unsure = union(unsure, one.unsure);
      }
      sure = union(sure, holdingAll(rule, unsure));
      const matches = { sure, unsure: difference(unsure, sure) };
      byRule.set(rule, matches);
      return matches;
    },
  };
}

interface KeyIndex {
  readonly present: BitSet;
  readonly values: ReadonlyMap<string, BitSet>;
}

function indexLabels(labels: readonly Labels[]): (selector: Selector) => BitSet {
  const size = labels.length;
  const everyone = fullSet(size);
  const keys = new Map<string, KeyIndex>();

  function indexKey(key: string): KeyIndex {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const present = emptySet(size);
    const values = new Map<string, BitSet>();
    for (const [index, one] of labels.entries()) {
      const value = one.get(key);
      if (value === undefined) continue;
      addTo(present, index);
      const members = values.get(value) ?? emptySet(size);
      addTo(members, index);
      values.set(value, members);
    }
    keys.set(key, { present, values });
    return { present, values };
  }

  function satisfying({ key, operator, values }: Requirement): BitSet {
    const index = indexKey(key);
    if (operator === 'Exists') return index.present;
    if (operator === 'DoesNotExist') return difference(everyone, index.present);
    let named = emptySet(size);
    for (const value of values) named = union(named, index.values.get(value) ?? emptySet(size));
    return operator === 'In' ? named : difference(everyone, named);
  }

  return ({ requirements }) => requirements.map(satisfying).reduce(intersection, everyone);
}
