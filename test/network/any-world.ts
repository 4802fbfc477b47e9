import fc from 'fast-check';
import type {
  LabelSelector,
  LabelSelectorRequirement,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../src/kubernetes/network-policy.ts';
import type { PodSketch, PolicySketch, Question, WorldSketch } from './worlds.ts';

// The vocabularies are small, so that random parts often meet.
const keys = ['k', 'j'] as const;
const values = ['a', 'b', ''] as const;
const namespaces = ['x', 'y', 'z'] as const;

/** Blocks that divide the addresses into few kinds. */
export const cidrs = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0/24',
  '::/0',
  'fd00::/8',
] as const;
const exceptions = { '0.0.0.0/0': '10.0.0.0/24', '10.0.0.0/8': '10.0.0.0/24', '::/0': 'fd00::/8' } as const;

/** An address of every kind that these blocks distinguish. */
export const everywhere = ['10.0.0.99', '10.9.0.99', '9.0.0.99', '203.0.113.99', 'fd00::99', '2001:db8::99'] as const;

const labels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 2 });

const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom(...keys),
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...keys), operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
);

/** A label selector over the vocabulary. */
export const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: labels.map((matchLabels) => ({ matchLabels })) },
  { weight: 2, arbitrary: fc.array(requirement, { maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })) },
);

const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ namespaceSelector: selector, podSelector: selector }),
  fc.constantFrom(...cidrs).map((cidr) => ({ ipBlock: { cidr } })),
  fc
    .constantFrom('0.0.0.0/0' as const, '10.0.0.0/8' as const, '::/0' as const)
    .map((cidr) => ({ ipBlock: { cidr, except: [exceptions[cidr]] } })),
);

const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.constant({}),
  fc.constantFrom<NetworkPolicyPort>(
    { protocol: 'UDP' },
    { port: 80 },
    { protocol: 'UDP', port: 80 },
    { protocol: 'SCTP', port: 81 },
    { port: 80, endPort: 82 },
    { port: 81, endPort: 81 },
    { port: 'web' },
    { protocol: 'UDP', port: 'web' },
  ),
);

const peers = fc.array(peer, { maxLength: 3 });
const ports = fc.array(port, { maxLength: 2 });

/** Any policy that the API server would store. */
export const anyPolicy: fc.Arbitrary<PolicySketch> = fc.record(
  {
    namespace: fc.constantFrom(...namespaces),
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const]),
    ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
  },
  { requiredKeys: ['namespace', 'podSelector'] },
);

/** Each Pod has its own addresses, by its number: of one family, of both, or unknown. */
const addressing = fc.constantFrom('four', 'far', 'six', 'dual', 'unknown');
function addressesOf(kind: string, number: number): readonly string[] {
  if (kind === 'four') return [`10.0.0.${number}`];
  if (kind === 'far') return [`10.7.0.${number}`];
  if (kind === 'six') return [`fd00::${number}`];
  return kind === 'dual' ? [`10.0.0.${number}`, `2001:db8::${number}`] : [];
}

const anyPod = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    labels,
    kind: addressing,
    ports: fc.subarray(['web:80/TCP', 'web:81/TCP', 'web:80/UDP', 'other:82/TCP']),
    hostNetwork: fc.integer({ min: 0, max: 15 }).map((one) => one === 0),
    nodes: fc.subarray(['192.168.0.1']),
  })
  .map((pod) => pod);

const anyPods = fc
  .array(anyPod, { minLength: 2, maxLength: 6 })
  .map((pods) =>
    Object.fromEntries(
      pods.map(({ namespace, kind, ...pod }, index): [string, PodSketch] => [
        `${namespace}/p${index + 1}`,
        { ...pod, ips: addressesOf(kind, index + 1) },
      ]),
    ),
  );

/**
 * A world of two to six Pods in three namespaces, one of them unknown, with up to four policies.
 */
export const anyWorld: fc.Arbitrary<WorldSketch> = fc.record({
  namespaces: fc.record({ x: labels, y: labels }),
  pods: anyPods,
  policies: fc.array(anyPolicy, { maxLength: 4 }),
});

/**
 * Every pair of ends of a world (Pods, an address of each kind, a node) on the ports that its
 * vocabulary distinguishes.
 */
export function questionsOf(world: WorldSketch): readonly Question[] {
  const pods = Object.keys(world.pods);
  const pairs = pods.flatMap((one) => [
    ...pods.map((two) => [one, two] as const),
    ...[...everywhere, '192.168.0.1'].flatMap((address) => [[one, address] as const, [address, one] as const]),
  ]);
  const targets = ['80/TCP', '81/TCP', '82/TCP', '83/TCP', '80/UDP', '81/SCTP', '1/ICMP'] as const;
  return pairs.flatMap(([from, to]) => targets.map((target): Question => `${from} > ${to} ${target}`));
}
