import type { Labels } from '../../src/kubernetes/labels.ts';
import { metadataNameLabel } from '../../src/kubernetes/namespaces.ts';
import type { Identity, Vocabulary } from '../../src/network/identities.ts';
import type { PodPeer } from '../../src/network/rules.ts';
import { everything, type Selector } from '../../src/network/selector.ts';
import { holds } from '../../src/network/values.ts';
import { isMarked, isSelected, type Pair, pairsOf, type Value } from './legal-worlds.ts';

/** A possible Pod in a possible namespace. */
export interface Witness {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
}

/** The known facts: the policy's own namespace, other namespaces, and the vocabulary. */
export interface Known {
  readonly own: { readonly name: string; readonly labels: Labels };
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly vocabulary: Vocabulary;
}

/** A value that no vocabulary contains and no selector names. */
const elsewhere = 'elsewhere';

/**
 * Returns texts that distinguish everything which a vocabulary and selectors can distinguish for
 * one key.
 */
export function textsOf(key: string, selectors: readonly Selector[], vocabulary: Vocabulary): readonly Value[] {
  const named = selectors.flatMap(({ requirements }) =>
    requirements.filter((one) => one.key === key).flatMap(({ values }) => [...values]),
  );
  const known = vocabulary.keys.find((one) => one.key === key)?.values ?? [];
  return [...new Set([...known, ...named, elsewhere]), undefined];
}

/** Returns the values of an identity for one key, among the distinguishable texts. */
export function valuesOf(identity: Identity, key: string, texts: readonly Value[]): readonly Value[] {
  const set = identity.values.get(key);
  return texts.filter((text) => set !== undefined && (text === undefined ? set.absent : holds(set, text)));
}

/**
 * Returns a Pod that a peer selects and that has this identity, found by trying; undefined if there
 * is none.
 */
export function findPeer(
  peer: PodPeer,
  namespace: string | undefined,
  identity: ReadonlyMap<string, Value>,
  known: Known,
): Witness | undefined {
  const { own, namespaces, vocabulary } = known;
  const name = peer.namespaceSelector === undefined ? own.name : (namespace ?? 'somewhere');
  const labels = name === own.name ? own.labels : namespaces.get(name);
  const selectors = { namespace: peer.namespaceSelector ?? everything, pod: peer.podSelector };
  if (!isSelected(selectors.namespace, metadataNameLabel, name)) return undefined;
  // The mark decides which labels are legal, so both cases are tried, first without it.
  const marks = textsOf(vocabulary.governedMark, [selectors.namespace], vocabulary)
    .toReversed()
    .filter((text) => isSelected(selectors.namespace, vocabulary.governedMark, text));
  const starts = labels === undefined ? marks.map((text) => labelled(vocabulary.governedMark, text)) : [labels];
  // Objects that are older than the rules count only if no object that follows the rules fits.
  for (const isLegal of [true, false]) {
    for (const start of starts) {
      const isGoverned = isMarked(start, vocabulary);
      const found = fill(selectors, identity, vocabulary, {
        namespace: start,
        isKnown: labels !== undefined,
        isNamespaceGoverned: isGoverned && labels === undefined,
        isPodGoverned: isGoverned,
        isLegal,
      });
      if (found !== undefined) return { namespace: name, ...found };
    }
  }
  return undefined;
}

/**
 * Returns a Pod of the policy's own namespace that the policy selects and that has this identity.
 */
export function findOwn(
  podSelector: Selector,
  identity: ReadonlyMap<string, Value>,
  { own, vocabulary }: Known,
): Witness | undefined {
  const found = fill({ namespace: everything, pod: podSelector }, identity, vocabulary, {
    namespace: own.labels,
    isKnown: true,
    isNamespaceGoverned: false,
    isPodGoverned: true,
    isLegal: true,
  });
  return found === undefined ? undefined : { namespace: own.name, ...found };
}

/** Formats a witness: `a Pod labelled {…} in namespace x labelled {…}`. */
export function showWitness({ namespace, namespaceLabels, labels }: Witness): string {
  return `a Pod labelled ${show(labels)} in namespace ${namespace} labelled ${show(namespaceLabels)}`;
}

interface Start {
  readonly namespace: Labels;
  readonly isKnown: boolean;
  readonly isNamespaceGoverned: boolean;
  readonly isPodGoverned: boolean;
  readonly isLegal: boolean;
}

/** Chooses the labels key by key, because keys are independent. */
function fill(
  selectors: { readonly namespace: Selector; readonly pod: Selector },
  identity: ReadonlyMap<string, Value>,
  vocabulary: Vocabulary,
  start: Start,
): Omit<Witness, 'namespace'> | undefined {
  const namespaceLabels = new Map(start.namespace);
  const labels = new Map<string, string>();
  for (const key of vocabulary.keys) {
    const named = textsOf(key.key, [selectors.namespace, selectors.pod], vocabulary);
    const texts = [...new Set([...named, identity.get(key.key), start.namespace.get(key.key)])];
    const pairs = pairsOf(key, identity.get(key.key), texts, {
      namespaces: start.isKnown ? [start.namespace.get(key.key)] : texts,
      isNamespaceGoverned: start.isNamespaceGoverned,
      isPodGoverned: start.isPodGoverned,
      isLegal: start.isLegal,
      namespaceSelector: selectors.namespace,
      podSelector: selectors.pod,
    });
    // The simplest pair, because a reader of a failure looks for the necessary labels.
    const [pair] = pairs.toSorted((a, b) => weigh(a) - weigh(b));
    if (pair === undefined) return undefined;
    if (pair.namespace !== undefined) namespaceLabels.set(key.key, pair.namespace);
    if (pair.pod !== undefined) labels.set(key.key, pair.pod);
  }
  const governed = vocabulary.keys.map(({ key }) => key);
  if (!addFree(labels, selectors.pod, governed)) return undefined;
  const isFree = start.isKnown || addFree(namespaceLabels, selectors.namespace, [...governed, metadataNameLabel]);
  return isFree ? { namespaceLabels, labels } : undefined;
}

/** Prefers few labels, and labels on the Pod. */
function weigh({ namespace, pod }: Pair): number {
  return (namespace === undefined ? 0 : 3) + (pod === undefined ? 0 : 2);
}

/**
 * Adds the labels that a selector needs for keys that nothing governs, unless the labels satisfy it
 * already. Returns false if that is impossible.
 */
function addFree(labels: Map<string, string>, selector: Selector, governed: readonly string[]): boolean {
  for (const { key } of selector.requirements) {
    if (governed.includes(key) || isSelected(selector, key, labels.get(key))) continue;
    const named = selector.requirements.filter((one) => one.key === key).flatMap(({ values }) => [...values]);
    const text = [...named, elsewhere].find((one) => isSelected(selector, key, one));
    if (text === undefined) return false;
    labels.set(key, text);
  }
  return true;
}

function labelled(key: string, text: Value): Labels {
  return new Map(text === undefined ? [] : [[key, text]]);
}

function show(labels: Labels): string {
  return JSON.stringify(Object.fromEntries(labels));
}
