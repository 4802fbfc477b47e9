import type { Labels } from '../../src/kubernetes/labels.ts';
import type { GovernedKey, Vocabulary } from '../../src/network/identities.ts';
import type { Selector } from '../../src/network/selector.ts';
import { selects } from '../../src/network/selector.ts';

// What namespaces and pods a cluster with Ringfence may hold, in plain words and by trying; the
// symbolic side is held against it.

/** One label as it may stand: a text, or none. */
export type Value = string | undefined;

/** The labels of one key on a namespace and on a pod in it. */
export interface Pair {
  readonly namespace: Value;
  readonly pod: Value;
}

/** Whether a namespace's label may stand: where it is governed, by the vocabulary. */
export function isNamespaceLegal(key: GovernedKey, value: Value, isGoverned: boolean): boolean {
  return !isGoverned || isInVocabulary(key, value);
}

/**
 * Whether a pod's label may stand: it agrees with the namespace's, and where it is governed, it is
 * of the vocabulary.
 */
export function isPodLegal(key: GovernedKey, { namespace, pod }: Pair, isGoverned: boolean): boolean {
  if (key.agrees && namespace !== undefined && pod !== undefined) return pod === namespace;
  return !isGoverned || isInVocabulary(key, pod);
}

/**
 * The identity of a pod by one key: its namespace's label speaks first, where the key is one that
 * agrees.
 */
export function identityOf(key: GovernedKey, { namespace, pod }: Pair): Value {
  return key.agrees && namespace !== undefined ? namespace : pod;
}

/** The labels of one key on both. */
export function pairOf(key: GovernedKey, namespace: Labels, pod: Labels): Pair {
  return { namespace: namespace.get(key.key), pod: pod.get(key.key) };
}

/** Every way to label something: for each key each of its values. */
export function labelings(values: Readonly<Record<string, readonly Value[]>>): readonly Labels[] {
  let all: readonly ReadonlyMap<string, string>[] = [new Map()];
  for (const [key, texts] of Object.entries(values))
    all = all.flatMap((labels) => texts.map((text) => (text === undefined ? labels : new Map(labels).set(key, text))));
  return all;
}

/** Every pair of labels with which a pod that both selectors select has this identity. */
export function pairsOf(
  key: GovernedKey,
  identity: Value,
  texts: readonly Value[],
  context: {
    readonly namespaces: readonly Value[];
    readonly isNamespaceGoverned: boolean;
    readonly isPodGoverned: boolean;
    /**
     * Whether pods and namespaces are as the rules have them; else they are older, and may be
     * anything.
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

/** Whether what a selector asks of one key holds for a value. */
export function isSelected(selector: Selector, key: string, value: Value): boolean {
  const requirements = selector.requirements.filter((requirement) => requirement.key === key);
  return selects({ requirements }, new Map(value === undefined ? [] : [[key, value]]));
}

/** Whether labels are governed: the mark's presence is the mark. */
export function isMarked(labels: Labels, { governedMark }: Vocabulary): boolean {
  return labels.has(governedMark);
}

/** None is legal everywhere: what is older than a rule may lack what the rule demands. */
function isInVocabulary({ values }: GovernedKey, value: Value): boolean {
  return value === undefined || (values?.includes(value) ?? true);
}
