import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { PodPeer, Policy } from './rules.ts';
import { everything, type Selector, selects } from './selector.ts';
import {
  anyValue,
  exactly,
  holds,
  intersect,
  isEmpty,
  satisfying,
  satisfyingAll,
  unite,
  type ValueSet,
} from './values.ts';

/** The rule for one label key that carries identity. */
export interface KeyRule {
  readonly key: string;
  /** The values of the vocabulary. Undefined if any text is allowed. */
  readonly values: readonly string[] | undefined;
  /** Whether a pod's value must equal its namespace's value, if the namespace has one. */
  readonly agrees: boolean;
}

/**
 * A key with the values that its rule allows on a judged pod or namespace. The key may be absent,
 * even if it is required, because an object that is older than a rule may lack what it demands.
 */
export interface GovernedKey extends KeyRule {
  readonly domain: ValueSet;
}

/** Works out once which values a rule allows, because they are needed for each key of each peer. */
export function governedKey(rule: KeyRule): GovernedKey {
  return { ...rule, domain: rule.values === undefined ? anyValue : exactly(rule.values, true) };
}

/** What is known about identities before any pod exists. */
export interface Vocabulary {
  readonly keys: readonly GovernedKey[];
  /**
   * A namespace with this label is governed: the values of its labels and of its pods' labels are
   * in the vocabulary.
   */
  readonly governedMark: string;
}

/** A namespace's labels by its name. Undefined if the namespace does not exist or is not known. */
export type NamespaceLookup = (name: string) => Labels | undefined;

/** Pods that do not exist yet: the values that they may have, for each governed key. */
export interface Identity {
  /** The possible values of each key. */
  readonly values: ReadonlyMap<string, ValueSet>;
  /** The namespace that was named. Undefined means any namespace that fits. */
  readonly namespace: string | undefined;
}

/**
 * The pods that a policy selects in its own namespace. If no judged pod can have the labels that it
 * asks for, only pods older than the rules can. They count as any pod of the namespace.
 */
export function ownIdentities(
  { namespace, podSelector }: Policy,
  labels: Labels,
  vocabulary: Vocabulary,
): readonly Identity[] {
  const judged = judgedIdentity(namespace, labels, podSelector, vocabulary, true);
  const any = judged ?? judgedIdentity(namespace, labels, everything, vocabulary, true);
  return any === undefined ? [] : [any];
}

/** Whether no judged pod of its namespace can have the labels that a policy asks for. */
export function selectsNoJudged({ namespace, podSelector }: Policy, labels: Labels, vocabulary: Vocabulary): boolean {
  return judgedIdentity(namespace, labels, podSelector, vocabulary, true) === undefined;
}

/**
 * The pods that a peer selects. If a named namespace is known, its labels are used. Any other
 * namespace, even one that does not exist yet, may be any that satisfies the rest of the selector.
 * It may be governed or not, because only the mark tells them apart. If no judged pod can have the
 * labels that the peer asks for, pods older than the rules are meant. `boxes` are those of the
 * peer's namespaceSelector.
 */
export function peerIdentities(
  peer: PodPeer,
  boxes: ReadonlyMap<string, ValueSet> | undefined,
  own: { readonly name: string; readonly labels: Labels },
  lookup: NamespaceLookup,
  vocabulary: Vocabulary,
): readonly Identity[] {
  if (peer.namespaceSelector === undefined) return inKnownNamespace(own.name, own.labels, peer.podSelector, vocabulary);
  if (boxes === undefined) return [];
  const named = boxes.get(metadataNameLabel);
  if (named === undefined || named.negated) return inAnyNamespace(undefined, boxes, peer.podSelector, vocabulary);
  return [...named.values].flatMap((name) => {
    const labels = name === own.name ? own.labels : lookup(name);
    if (labels === undefined) return inAnyNamespace(name, boxes, peer.podSelector, vocabulary);
    const complete = new Map(labels).set(metadataNameLabel, name);
    return selects(peer.namespaceSelector as Selector, complete)
      ? inKnownNamespace(name, labels, peer.podSelector, vocabulary)
      : [];
  });
}

/**
 * The values that each key may have under a selector. Undefined if the selector contradicts itself.
 */
export function boxesOf(selector: Selector): ReadonlyMap<string, ValueSet> | undefined {
  const { requirements } = selector;
  if (requirements.length === 0) return noBoxes;
  const boxes = new Map<string, ValueSet>();
  for (const requirement of requirements) {
    const { key } = requirement;
    if (boxes.has(key)) continue;
    // Nearly every key of every selector has one requirement, so that case copies nothing.
    const same = requirements.length === 1 ? [] : requirements.filter((one) => one.key === key);
    const box = same.length > 1 ? satisfyingAll(same) : satisfying(requirement);
    if (isEmpty(box)) return undefined;
    boxes.set(key, box);
  }
  return boxes;
}

const noBoxes: ReadonlyMap<string, ValueSet> = new Map();

function inKnownNamespace(
  namespace: string,
  labels: Labels,
  podSelector: Selector,
  vocabulary: Vocabulary,
): readonly Identity[] {
  const isGoverned = labels.has(vocabulary.governedMark);
  const judged = judgedIdentity(namespace, labels, podSelector, vocabulary, isGoverned);
  if (judged !== undefined) return [judged];
  const pods = boxesOf(podSelector);
  if (pods === undefined) return [];
  const values = new Map<string, ValueSet>();
  for (const { key, agrees } of vocabulary.keys) {
    const said = labels.get(key);
    values.set(key, agrees && said !== undefined ? exactly([said]) : (pods.get(key) ?? anyValue));
  }
  return [{ values, namespace }];
}

/** The judged pods of a known namespace that a selector selects. Undefined if there can be none. */
function judgedIdentity(
  namespace: string,
  labels: Labels,
  podSelector: Selector,
  vocabulary: Vocabulary,
  isGoverned: boolean,
): Identity | undefined {
  const pods = boxesOf(podSelector);
  if (pods === undefined) return undefined;
  const values = new Map<string, ValueSet>();
  for (const key of vocabulary.keys) {
    const said = labels.get(key.key);
    const asked = pods.get(key.key) ?? anyValue;
    const set =
      key.agrees && said !== undefined
        ? exactly(holds(asked, said) || asked.absent ? [said] : [])
        : intersect(asked, isGoverned ? key.domain : anyValue);
    if (isEmpty(set)) return undefined;
    values.set(key.key, set);
  }
  return { values, namespace };
}

function inAnyNamespace(
  namespace: string | undefined,
  boxes: ReadonlyMap<string, ValueSet>,
  podSelector: Selector,
  vocabulary: Vocabulary,
): readonly Identity[] {
  const pods = boxesOf(podSelector);
  if (pods === undefined) return [];
  const mark = boxes.get(vocabulary.governedMark);
  const isGoverned = mark !== undefined && !mark.absent;
  const values = new Map<string, ValueSet>();
  for (const key of vocabulary.keys) {
    const ofNamespace = intersect(boxes.get(key.key) ?? anyValue, isGoverned ? key.domain : anyValue);
    const ofPod = intersect(pods.get(key.key) ?? anyValue, isGoverned ? key.domain : anyValue);
    const set = key.agrees ? agreed(ofNamespace, ofPod) : ofPod;
    if (isEmpty(set) || isEmpty(ofNamespace) || isEmpty(ofPod))
      return [{ values: olderValues(boxes, pods, vocabulary), namespace }];
    values.set(key.key, set);
  }
  return [{ values, namespace }];
}

/** The values of pods older than the rules. A label of the namespace has precedence. */
function olderValues(
  namespaces: ReadonlyMap<string, ValueSet>,
  pods: ReadonlyMap<string, ValueSet>,
  vocabulary: Vocabulary,
): ReadonlyMap<string, ValueSet> {
  return new Map(
    vocabulary.keys.map(({ key, agrees }) => {
      const ofPod = pods.get(key) ?? anyValue;
      if (!agrees) return [key, ofPod];
      const ofNamespace = namespaces.get(key) ?? anyValue;
      const said = { ...ofNamespace, absent: false };
      return [key, ofNamespace.absent ? unite(said, ofPod) : said];
    }),
  );
}

/** If both have the key, they agree. If one does not have it, the other's value is the identity. */
function agreed(namespace: ValueSet, pod: ValueSet): ValueSet {
  // The selector asks about one end only. The other end adds nothing, unless this end may also lack
  // the key.
  if (pod === anyValue) return namespace.absent ? anyValue : namespace;
  if (namespace === anyValue) return pod.absent ? anyValue : pod;
  const same = { ...intersect(namespace, pod), absent: namespace.absent && pod.absent };
  const withNamespace = pod.absent ? unite(same, { ...namespace, absent: false }) : same;
  return namespace.absent ? unite(withNamespace, { ...pod, absent: false }) : withNamespace;
}
