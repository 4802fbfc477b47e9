import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Labels } from '../../src/kubernetes/labels.ts';
import { metadataNameLabel } from '../../src/kubernetes/namespaces.ts';
import { createEvaluator } from '../../src/network/evaluator.ts';
import {
  boxesOf,
  type GovernedKey,
  governedKey,
  type Identity,
  ownIdentities,
  peerIdentities,
  selectsNoJudged,
  type Vocabulary,
} from '../../src/network/identities.ts';
import type { PodPeer, Policy } from '../../src/network/rules.ts';
import { everything, type Requirement, type Selector } from '../../src/network/selector.ts';
import { holds } from '../../src/network/values.ts';
import type { Pod } from '../../src/network/world.ts';
import { identityOf, isMarked, isNamespaceLegal, isPodLegal, labelings, pairOf, type Value } from './legal-worlds.ts';

// The vocabulary is `a` and `b`. Selectors also name the empty text, and nothing names `y`.
const texts = ['a', 'b', '', 'y', undefined] as const;
const mark = 'fence';

interface Case {
  readonly vocabulary: Vocabulary;
  readonly own: Labels;
  readonly known: Labels;
  readonly peer: PodPeer;
}

const anyGovernedKey = (key: string): fc.Arbitrary<GovernedKey> =>
  fc
    .record({
      key: fc.constant(key),
      values: fc.constantFrom(['a', 'b'], ['a', 'b'], undefined),
      agrees: fc.boolean(),
    })
    .map(governedKey);

// One governed key and a free one, or two governed ones: few enough to try all combinations.
const anyVocabulary: fc.Arbitrary<Vocabulary> = fc
  .oneof(fc.tuple(anyGovernedKey('one')), fc.tuple(anyGovernedKey('one'), anyGovernedKey('two')))
  .map((keys) => ({ keys, governedMark: mark }));

const requirementOn = (key: string, values: readonly string[]): fc.Arbitrary<Requirement> =>
  fc.oneof(
    fc.record({
      key: fc.constant(key),
      operator: fc.constantFrom('In' as const, 'NotIn' as const),
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }).map((some) => new Set(some)),
    }),
    fc.record({
      key: fc.constant(key),
      operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
      values: fc.constant(new Set<string>()),
    }),
  );

const selectorOf = (...requirements: fc.Arbitrary<Requirement>[]): fc.Arbitrary<Selector> =>
  fc.array(fc.oneof(...requirements), { maxLength: 3 }).map((some) => ({ requirements: some }));

const onPods = ({ keys }: Vocabulary): fc.Arbitrary<Requirement>[] => [
  requirementOn('one', ['a', 'b', '']),
  keys.length === 1 ? requirementOn('free', ['f']) : requirementOn('two', ['a', 'b', '']),
];
const onNamespaces = (vocabulary: Vocabulary): fc.Arbitrary<Requirement>[] => [
  ...onPods(vocabulary),
  requirementOn(mark, ['true']),
  // Frequent, because governed labels have fewer values and so more ways to have none.
  fc.constant({ key: mark, operator: 'Exists' as const, values: new Set<string>() }),
  requirementOn(metadataNameLabel, ['own', 'known', 'ghost']),
];

const anyCase: fc.Arbitrary<Case> = anyVocabulary.chain((vocabulary) =>
  fc.record({
    vocabulary: fc.constant(vocabulary),
    own: fc.constantFrom(...legalNamespaces(vocabulary)),
    known: fc.constantFrom(...legalNamespaces(vocabulary)),
    peer: fc.record({
      kind: fc.constant('pods' as const),
      field: fc.constant('spec.ingress[0].from[0]'),
      namespaceSelector: fc.option(selectorOf(...onNamespaces(vocabulary)), { nil: undefined, freq: 6 }),
      podSelector: selectorOf(...onPods(vocabulary)),
    }),
  }),
);

describe('the identities that a peer may have', () => {
  it('are those of the pods that it lets in, in all worlds at once', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { vocabulary, own, known, peer } = one;
        const lookup = (name: string) => (name === 'known' ? known : undefined);
        const boxes = peer.namespaceSelector === undefined ? undefined : boxesOf(peer.namespaceSelector);
        const identities = peerIdentities(peer, boxes, { name: 'own', labels: own }, lookup, vocabulary);
        const reached = whoIsMeant(one);
        for (const [name, found] of reached)
          for (const [text, who] of found)
            if (!identities.some((identity) => isOf(identity, name) && holdsAll(identity, text, vocabulary)))
              throw new Error(`${who} comes in, and no identity of ${name} holds ${text}`);
        for (const identity of identities) {
          const name = identity.namespace ?? 'any';
          for (const text of identityTexts(vocabulary))
            if (holdsAll(identity, text, vocabulary) && reached.get(name)?.has(text) !== true)
              throw new Error(`an identity of ${name} holds ${text}, and no such pod comes in`);
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('the identities that a policy may select', () => {
  it('are those of the pods that it isolates, in all worlds at once', () => {
    fc.assert(
      fc.property(anyCase, ({ vocabulary, own, peer: { podSelector } }) => {
        const policy = policyOf(podSelector, []);
        const identities = ownIdentities(policy, own, vocabulary);
        const pods = podsOf(own, vocabulary, true, true).map((labels, index) => podOf('own', `p${index}`, labels));
        const { classes } = createEvaluator({ namespaces: new Map([['own', own]]), pods, policies: [policy] });
        const isolated = new Set(
          pods
            .filter((pod) => classes.of(pod)?.isolatedBy.ingress.length === 1)
            .map(({ labels }) => textOf(own, labels, vocabulary)),
        );
        // If no judged Pod has the labels, older Pods may: they count as any Pod of the namespace.
        if (selectsNoJudged(policy, own, vocabulary) !== (isolated.size === 0)) throw new Error(`${isolated.size}`);
        if (isolated.size === 0) for (const { labels } of pods) isolated.add(textOf(own, labels, vocabulary));
        for (const text of identityTexts(vocabulary)) {
          const said = identities.some((identity) => holdsAll(identity, text, vocabulary));
          if (said !== isolated.has(text)) throw new Error(`${text}: ${said}, and ${isolated.has(text)} in the world`);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Returns the identities of Pods that follow the rules, or else of older Pods. */
function whoIsMeant(one: Case): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const judged = whoEnters(one, true);
  const { namespaceSelector } = one.peer;
  const named = namespaceSelector && boxesOf(namespaceSelector)?.get(metadataNameLabel);
  // A namespace that is named is judged on its own, and all others together.
  const isApart = namespaceSelector === undefined || (named !== undefined && !named.negated);
  return isApart || judged.size === 0 ? new Map([...whoEnters(one, false), ...judged]) : judged;
}

/** Returns the identities that reach a Pod of `own`, by namespace, each with such a Pod. */
function whoEnters(
  { vocabulary, own, known, peer }: Case,
  isLegal: boolean,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const namespaces = new Map<string, Labels>();
  const pods: Pod[] = [];
  const add = (key: string, name: string, labels: Labels): void => {
    namespaces.set(key, new Map(labels).set(metadataNameLabel, name));
    for (const [index, one] of podsOf(labels, vocabulary, isMarked(labels, vocabulary), isLegal).entries())
      pods.push(podOf(key, `p${index}`, one));
  };
  add('own', 'own', own);
  add('known', 'known', known);
  // A namespace that does not exist yet may be any of these. They do not affect each other.
  for (const [index, labels] of (isLegal ? legalNamespaces(vocabulary) : allNamespaces(vocabulary)).entries()) {
    add(`ghost-${index}`, 'ghost', labels);
    add(`any-${index}`, 'any', labels);
  }
  const gate = podOf('own', 'gate', new Map());
  const policy = policyOf(everything, [peer]);
  const evaluator = createEvaluator({ namespaces, pods: [...pods, gate], policies: [policy] });
  const reached = new Map<string, Map<string, string>>();
  for (const pod of pods) {
    const { ingress } = evaluator.answer({ from: { pod }, to: { pod: gate }, protocol: 'TCP', port: 80 });
    if (ingress?.verdict !== 'allowed') continue;
    const labels = namespaces.get(pod.namespace) ?? new Map<string, string>();
    const name = labels.get(metadataNameLabel) ?? '';
    const text = textOf(labels, pod.labels, vocabulary);
    const found = reached.get(name) ?? new Map<string, string>();
    reached.set(name, found.set(text, `a pod labelled ${show(pod.labels)} in a namespace labelled ${show(labels)}`));
  }
  return reached;
}

function allNamespaces(vocabulary: Vocabulary): readonly Labels[] {
  return labelings({ ...valuesOf(vocabulary), [mark]: [undefined, 'true', 'other'] });
}

function legalNamespaces(vocabulary: Vocabulary): readonly Labels[] {
  return allNamespaces(vocabulary).filter((labels) =>
    vocabulary.keys.every((key) => isNamespaceLegal(key, labels.get(key.key), isMarked(labels, vocabulary))),
  );
}

function podsOf(namespace: Labels, vocabulary: Vocabulary, isGoverned: boolean, isLegal: boolean): readonly Labels[] {
  return labelings(valuesOf(vocabulary)).filter(
    (labels) => !isLegal || vocabulary.keys.every((key) => isPodLegal(key, pairOf(key, namespace, labels), isGoverned)),
  );
}

/** A key outside the vocabulary concerns only the selectors: they name `f`, and not `g`. */
function valuesOf({ keys }: Vocabulary): Record<string, readonly Value[]> {
  return keys.length === 1
    ? { one: texts, two: [undefined], free: ['f', 'g', undefined] }
    : { one: texts, two: texts, free: [undefined] };
}

function identityTexts({ keys }: Vocabulary): readonly string[] {
  return labelings(Object.fromEntries(keys.map(({ key }) => [key, texts]))).map(show);
}

function textOf(namespace: Labels, pod: Labels, { keys }: Vocabulary): string {
  const identity = keys.map((key) => [key.key, identityOf(key, pairOf(key, namespace, pod))] as const);
  return show(new Map(identity.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))));
}

function holdsAll(identity: Identity, text: string, { keys }: Vocabulary): boolean {
  const labels = JSON.parse(text) as Record<string, string>;
  return keys.every(({ key }) => {
    const set = identity.values.get(key);
    const value = labels[key];
    return set !== undefined && (value === undefined ? set.absent : holds(set, value));
  });
}

function isOf({ namespace }: Identity, name: string): boolean {
  return namespace === undefined || namespace === name;
}

function policyOf(podSelector: Selector, peers: readonly PodPeer[]): Policy {
  const rule = { field: 'spec.ingress[0]', peers, ports: undefined };
  return {
    namespace: 'own',
    name: 'policy',
    podSelector,
    isolates: { ingress: true, egress: false },
    ingress: [rule],
    egress: [],
  };
}

function podOf(namespace: string, name: string, labels: Labels): Pod {
  return { namespace, name, labels, addresses: [], hostNetwork: false, nodeAddresses: [], ports: [] };
}

function show(labels: Labels): string {
  return JSON.stringify(Object.fromEntries(labels));
}
