import type { Labels } from '../../src/kubernetes/labels.ts';
import { metadataNameLabel } from '../../src/kubernetes/namespaces.ts';
import type { Identity, Vocabulary } from '../../src/network/identities.ts';
import type { PodPeer } from '../../src/network/rules.ts';
import { everything, type Selector } from '../../src/network/selector.ts';
import { holds } from '../../src/network/values.ts';
import { isMarked, isSelected, type Pair, pairsOf, type Value } from './legal-worlds.ts';

/** A pod that could exist, in a namespace that could. */
export interface Witness {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
}

/** What is known before: the policy's own namespace, other namespaces, and what governs. */
export interface Known {
  readonly own: { readonly name: string; readonly labels: Labels };
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly vocabulary: Vocabulary;
}

/** A value that no vocabulary has and no selector names. */
const elsewhere = 'elsewhere';

/** Texts that tell apart what a vocabulary and selectors can tell apart under one key. */
export function textsOf(key: string, selectors: readonly Selector[], vocabulary: Vocabulary): readonly Value[] {
  const named = selectors.flatMap(({ requirements }) =>
    requirements.filter((one) => one.key === key).flatMap(({ values }) => [...values]),
  );
  const known = vocabulary.keys.find((one) => one.key === key)?.values ?? [];
  return [...new Set([...known, ...named, elsewhere]), undefined];
}

/** The values of an identity under one key, among the texts that can be told apart. */
export function valuesOf(identity: Identity, key: string, texts: readonly Value[]): readonly Value[] {
  const set = identity.values.get(key);
  return texts.filter((text) => set !== undefined && (text === undefined ? set.absent : holds(set, text)));
}

/**
 * A pod that a peer selects and that has this identity, found by trying; undefined where there is
 * none.
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
  // The mark decides what else may stand, so each way is tried: first without.
  const marks = textsOf(vocabulary.governedMark, [selectors.namespace], vocabulary)
    .toReversed()
    .filter((text) => isSelected(selectors.namespace, vocabulary.governedMark, text));
  const starts = labels === undefined ? marks.map((text) => labelled(vocabulary.governedMark, text)) : [labels];
  // What is older than the rules is meant only where nothing that is as they have it fits.
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

/** A pod of the policy's own namespace that the policy selects and that has this identity. */
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

/** `a Pod labelled {…} in namespace x labelled {…}`. */
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

/** Labels key by key: what one key asks for never depends on another. */
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
    // The plainest: whoever reads a failure reads it for what must be there.
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

/** Few labels, and rather on the pod. */
function weigh({ namespace, pod }: Pair): number {
  return (namespace === undefined ? 0 : 3) + (pod === undefined ? 0 : 2);
}

/**
 * Adds what a selector asks of keys that nothing governs, where the labels do not satisfy it
 * already; false where nothing does.
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
