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

/** What is laid down for one label key that carries identity. */
export interface KeyRule {
  readonly key: string;
  /** The values of the vocabulary; undefined where any text may stand. */
  readonly values: readonly string[] | undefined;
  /** Whether a pod's value is its namespace's, where the namespace has one. */
  readonly agrees: boolean;
}

/**
 * A key with the values that its rule leaves to a judged pod or namespace. It may be absent, also
 * where it is required: what is older than a rule may lack what the rule demands.
 */
export interface GovernedKey extends KeyRule {
  readonly domain: ValueSet;
}

/** Works out which values a rule leaves: once, for they are asked for each key of each peer. */
export function governedKey(rule: KeyRule): GovernedKey {
  return { ...rule, domain: rule.values === undefined ? anyValue : exactly(rule.values, true) };
}

/** What is known of identities before any pod exists. */
export interface Vocabulary {
  readonly keys: readonly GovernedKey[];
  /**
   * A namespace that carries this label is governed: the values of its labels, and of its pods', are
   * of the vocabulary.
   */
  readonly governedMark: string;
}

/** A namespace's labels by its name; undefined where there is none, or it is not known. */
export type NamespaceLookup = (name: string) => Labels | undefined;

/** Pods that do not exist yet: for each governed key, which values they may have. */
export interface Identity {
  /**
   * Undefined where there are no such pods: the selectors contradict themselves, or the vocabulary.
   */
  readonly values: ReadonlyMap<string, ValueSet>;
  /** The namespaces that were named, or undefined for any namespace that fits. */
  readonly namespace: string | undefined;
}

/**
 * The pods that a policy selects in its own namespace. Where no judged pod can have the labels that
 * it asks for, pods older than the rules may have them: they count as any pod of the namespace.
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
 * The pods that a peer selects. A namespace that is named is what it is, where its labels are
 * known; one that is not (or does not exist yet) may be any that satisfies the rest of the
 * selector: governed or not, for only the mark tells them apart. Where no judged pod can have the
 * labels that it asks for, it means pods that are older than the rules. `boxes` are those of its
 * namespaceSelector.
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

/** Which values each key may have under a selector; undefined where it contradicts itself. */
export function boxesOf(selector: Selector): ReadonlyMap<string, ValueSet> | undefined {
  const boxes = new Map<string, ValueSet>();
  const { requirements } = selector;
  for (const requirement of requirements) {
    const { key } = requirement;
    if (boxes.has(key)) continue;
    // Nearly every key of every selector has one requirement: nothing is copied for it.
    const same = requirements.length === 1 ? [] : requirements.filter((one) => one.key === key);
    const box = same.length > 1 ? satisfyingAll(same) : satisfying(requirement);
    if (isEmpty(box)) return undefined;
    boxes.set(key, box);
  }
  return boxes;
}

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

/** The pods of a known namespace that are as the rules have them; undefined where none can be. */
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

/** What pods and namespaces may be that are older than the rules: the namespace speaks first. */
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

/** Where both have the key they agree; where one has not, the other's value is the identity. */
function agreed(namespace: ValueSet, pod: ValueSet): ValueSet {
  // What is asked of one end alone: the other's silence adds nothing, unless this one may be silent
  // too.
  if (pod === anyValue) return namespace.absent ? anyValue : namespace;
  if (namespace === anyValue) return pod.absent ? anyValue : pod;
  const same = { ...intersect(namespace, pod), absent: namespace.absent && pod.absent };
  const withNamespace = pod.absent ? unite(same, { ...namespace, absent: false }) : same;
  return namespace.absent ? unite(withNamespace, { ...pod, absent: false }) : withNamespace;
}
