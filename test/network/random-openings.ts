import fc from 'fast-check';
import type { Labels } from '../../src/kubernetes/labels.ts';
import type {
  LabelSelector,
  LabelSelectorRequirement,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../src/kubernetes/network-policy.ts';
import { type GovernedKey, governedKey, type Vocabulary } from '../../src/network/identities.ts';
import { isNamespaceLegal, isPodLegal, pairOf, type Value } from './legal-worlds.ts';

/**
 * A policy of namespace `shop`, and a possible world. Only `shop` and `front` are known beforehand.
 */
export interface Case {
  readonly spec: NetworkPolicySpec;
  /** By name: `shop`, `front`, and unknown namespaces. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly pods: readonly { readonly namespace: string; readonly labels: Labels; readonly ip: string }[];
}

export const mark = 'ringfence.dev/fence';

/** The vocabulary has the form of the product's and is smaller. */
export const vocabulary: Vocabulary = {
  governedMark: mark,
  keys: [
    { key: 'env', values: ['prod', 'dev'], agrees: true },
    { key: 'tier', values: ['web', 'data'], agrees: true },
    { key: 'team', values: undefined, agrees: true },
    { key: 'expose', values: ['true', 'false'], agrees: false },
    { key: 'internal', values: ['true', 'false'], agrees: false },
  ].map(governedKey),
};

const texts: Readonly<Record<string, readonly [string, ...string[]]>> = {
  env: ['prod', 'dev', 'test'],
  tier: ['web', 'data', ''],
  team: ['shop', 'bank'],
  expose: ['true', 'false'],
  internal: ['true', 'yes'],
  name: ['monitoring'],
};
const metadataName = 'kubernetes.io/metadata.name';

const requirementOn = (key: string, values: readonly string[]): fc.Arbitrary<LabelSelectorRequirement> =>
  fc.oneof(
    fc.record({
      key: fc.constant(key),
      operator: fc.constantFrom('In' as const, 'NotIn' as const),
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key: fc.constant(key), operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
  );

const onPods = Object.entries(texts).map(([key, values]) => requirementOn(key, values));
const onNamespaces = [
  ...onPods,
  requirementOn(mark, ['true']),
  requirementOn(metadataName, ['shop', 'front', 'far', 'nowhere']),
  // This is frequent, because the known labels of a namespace count only if a policy names it.
  fc.constant({ key: metadataName, operator: 'In' as const, values: ['front'] }),
];
const selectorOf = (requirements: readonly fc.Arbitrary<LabelSelectorRequirement>[]): fc.Arbitrary<LabelSelector> =>
  fc.array(fc.oneof(...requirements), { maxLength: 2 }).map((matchExpressions) => ({ matchExpressions }));

const anyPeer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selectorOf(onPods) }),
  fc.record({ namespaceSelector: selectorOf(onNamespaces) }),
  fc.record({ namespaceSelector: selectorOf(onNamespaces), podSelector: selectorOf(onPods) }),
  fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '203.0.113.0/24', '::/0').map((cidr) => ({ ipBlock: { cidr } })),
  fc
    .subarray(['10.0.0.0/16', '10.9.0.0/16', '10.0.0.0/8'])
    .map((except) => ({ ipBlock: { cidr: '10.0.0.0/8', except } })),
);

const anyPort: fc.Arbitrary<NetworkPolicyPort> = fc.constantFrom<NetworkPolicyPort[]>(
  {},
  { protocol: 'UDP', port: 53 },
  { port: 80 },
  { port: 79, endPort: 81 },
  { port: 'http' },
);
const peers = fc.array(anyPeer, { maxLength: 2 });
const ports = fc.array(anyPort, { maxLength: 2 });

const anySpec: fc.Arbitrary<NetworkPolicySpec> = fc.record(
  {
    podSelector: fc.oneof(fc.constant({}), selectorOf(onPods)),
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const]),
    ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  },
  { requiredKeys: ['podSelector'] },
);

const anyLabels: fc.Arbitrary<ReadonlyMap<string, Value>> = fc
  .record(
    Object.fromEntries(
      Object.entries(texts).map(([key, values]) => [key, fc.option(fc.constantFrom(...values), { nil: undefined })]),
    ),
  )
  .map((labels) => new Map(Object.entries(labels)));

const anyNamespace: fc.Arbitrary<Labels> = fc.tuple(anyLabels, fc.boolean()).map(([labels, isGoverned]) => {
  const namespace = legalise(labels, (key, value) => isNamespaceLegal(key, value, isGoverned));
  return isGoverned ? namespace.set(mark, 'true') : namespace;
});

const names = ['shop', 'front', 'far', 'near'] as const;

/**
 * Any policy, and a world of governed and other namespaces, with Pods that their namespaces allow.
 */
export const anyCase: fc.Arbitrary<Case> = fc
  .tuple(
    anySpec,
    fc.tuple(anyNamespace, anyNamespace, anyNamespace, anyNamespace),
    fc.array(fc.tuple(fc.nat({ max: 3 }), anyLabels, fc.constantFrom('10.0.0.#', '10.9.0.#', 'fd00::#')), {
      minLength: 4,
      maxLength: 8,
    }),
  )
  .map(([spec, labels, pods]): Case => {
    const namespaces = new Map(names.map((name, index): [string, Labels] => [name, labels[index] ?? new Map()]));
    return {
      spec,
      namespaces,
      pods: pods.map(([at, wanted, ip], index) => {
        const namespace = names[at] ?? 'shop';
        const around = namespaces.get(namespace) ?? new Map<string, string>();
        return { namespace, ip: ip.replace('#', String(index + 10)), labels: legalisePod(wanted, around) };
      }),
    };
  });

function legalisePod(wanted: ReadonlyMap<string, Value>, namespace: Labels): Labels {
  return legalise(
    wanted,
    (key, pod) => isPodLegal(key, { namespace: namespace.get(key.key), pod }, namespace.has(mark)),
    (key) => pairOf(key, namespace, new Map()).namespace,
  );
}

/**
 * Returns the wanted labels if they are legal, otherwise the nearest legal ones: none, the
 * namespace's, or one of the vocabulary.
 */
function legalise(
  wanted: ReadonlyMap<string, Value>,
  isLegal: (key: GovernedKey, value: Value) => boolean,
  agreed: (key: GovernedKey) => Value = () => undefined,
): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [key, value] of wanted) {
    const governed = vocabulary.keys.find((one) => one.key === key);
    const choices = governed === undefined ? [value] : [value, agreed(governed), undefined, ...(texts[key] ?? [])];
    const text = choices.find((choice) => governed === undefined || isLegal(governed, choice));
    if (text !== undefined) labels.set(key, text);
  }
  return labels;
}
