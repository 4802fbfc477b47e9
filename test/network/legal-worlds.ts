import type { Labels } from '../../src/kubernetes/labels.ts';
import type { GovernedKey, Vocabulary } from '../../src/network/identities.ts';
import type { Selector } from '../../src/network/selector.ts';
import { selects } from '../../src/network/selector.ts';

// The namespaces and Pods that a cluster with Ringfence may contain, found by trying. The symbolic
// side is compared with them.

/** The value of a label; undefined if it is absent. */
export type Value = string | undefined;

/** The labels of one key on a namespace and on a pod in it. */
export interface Pair {
  readonly namespace: Value;
  readonly pod: Value;
}

/** Whether a namespace may have this label: if it is governed, the vocabulary decides. */
export function isNamespaceLegal(key: GovernedKey, value: Value, isGoverned: boolean): boolean {
  return !isGoverned || isInVocabulary(key, value);
}

/**
 * Whether a Pod may have this label: it agrees with the namespace's, and if it is governed, the
 * vocabulary contains it.
 */
export function isPodLegal(key: GovernedKey, { namespace, pod }: Pair, isGoverned: boolean): boolean {
  if (key.agrees && namespace !== undefined && pod !== undefined) return pod === namespace;
  return !isGoverned || isInVocabulary(key, pod);
}

/**
 * Returns the identity of a Pod for one key. For a key that agrees, the label of the namespace
 * comes first.
 */
export function identityOf(key: GovernedKey, { namespace, pod }: Pair): Value {
  return key.agrees && namespace !== undefined ? namespace : pod;
}

/** The labels of one key on both. */
export function pairOf(key: GovernedKey, namespace: Labels, pod: Labels): Pair {
  return { namespace: namespace.get(key.key), pod: pod.get(key.key) };
}

/** Returns every labelling: every value for each key. */
export function labelings(values: Readonly<Record<string, readonly Value[]>>): readonly Labels[] {
  let all: readonly ReadonlyMap<string, string>[] = [new Map()];
  for (const [key, texts] of Object.entries(values))
    all = all.flatMap((labels) => texts.map((text) => (text === undefined ? labels : new Map(labels).set(key, text))));
  return all;
}

/** Returns every pair of labels with which a Pod that both selectors match has this identity. */
export function pairsOf(
  key: GovernedKey,
  identity: Value,
  texts: readonly Value[],
  context: {
    readonly namespaces: readonly Value[];
    readonly isNamespaceGoverned: boolean;
    readonly isPodGoverned: boolean;
    /**
     * Whether Pods and namespaces follow the rules. Otherwise they are older and may be anything.
     */
    readonly isLegal: boolean;
    readonly namespaceSelector: Selector;
    readonly podSelector: Selector;
  },
): readonly Pair[] {
  const pairs = context.namespaces.flatMap((namespace) => texts.map((pod) => ({ namespace, pod })));
  return pairs.filter(
    (pair) =>
      identityOf(key, pair) === identity &&
      (!context.isLegal ||
        (isNamespaceLegal(key, pair.namespace, context.isNamespaceGoverned) &&
          isPodLegal(key, pair, context.isPodGoverned))) &&
      isSelected(context.namespaceSelector, key.key, pair.namespace) &&
      isSelected(context.podSelector, key.key, pair.pod),
  );
}

/** Whether the requirement of a selector on one key matches a value. */
export function isSelected(selector: Selector, key: string, value: Value): boolean {
  const requirements = selector.requirements.filter((requirement) => requirement.key === key);
  return selects({ requirements }, new Map(value === undefined ? [] : [[key, value]]));
}

/** Whether labels are governed, which means that the mark is present. */
export function isMarked(labels: Labels, { governedMark }: Vocabulary): boolean {
  return labels.has(governedMark);
}

/** An absent label is always legal, because older objects may lack it. */
function isInVocabulary({ values }: GovernedKey, value: Value): boolean {
  return value === undefined || (values?.includes(value) ?? true);
}
