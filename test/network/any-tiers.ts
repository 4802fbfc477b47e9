import fc from 'fast-check';
import { anyWorld, cidrs, selector } from './any-world.ts';
import type { TieredSketch, WorldSketch } from './worlds.ts';

// The vocabularies are those of any-world.ts, so that the kinds of policy meet.

const byNamespace = selector.map((one) => ({ namespaces: one }));
const byPod = fc.record({ namespaceSelector: selector, podSelector: selector }).map((pods) => ({ pods }));
const subject = fc.oneof({ weight: 2, arbitrary: fc.constant({ namespaces: {} }) }, byNamespace, byPod);

const ingressPeer: fc.Arbitrary<object> = fc.oneof(
  { weight: 4, arbitrary: byNamespace },
  { weight: 4, arbitrary: byPod },
  { weight: 1, arbitrary: fc.constantFrom({ services: {} }, { networks: ['10.0.0.0/8'] }) },
);

const network = fc
  .uniqueArray(fc.constantFrom(...cidrs), { minLength: 1, maxLength: 2 })
  .map((networks) => ({ networks }));
const outsidePeer: fc.Arbitrary<object> = fc.oneof(
  { weight: 5, arbitrary: network },
  { weight: 2, arbitrary: fc.constantFrom({ nodes: {} }, { nodes: { matchLabels: { k: 'a' } } }) },
  { weight: 1, arbitrary: fc.constant({ domainNames: ['*.example.com'] }) },
  { weight: 1, arbitrary: fc.constant({ services: {} }) },
);

const clusterPorts = [
  { tcp: { destinationPort: { number: 80 } } },
  { tcp: { destinationPort: { range: { start: 80, end: 82 } } } },
  { udp: { destinationPort: { number: 80 } } },
  { sctp: { destinationPort: { range: { start: 81, end: 65_535 } } } },
];
const adminPorts = [
  { portNumber: { port: 80 } },
  { portRange: { start: 80, end: 82 } },
  { portNumber: { protocol: 'UDP', port: 80 } },
  { portRange: { protocol: 'SCTP', start: 81, end: 65_535 } },
];

/** The rules of one direction, with the words of one kind. */
function rules(
  direction: 'from' | 'to',
  actions: readonly string[],
  isCluster: boolean,
): fc.Arbitrary<readonly object[]> {
  const field = isCluster ? 'protocols' : 'ports';
  const numbers: readonly object[] = isCluster ? clusterPorts : adminPorts;
  const name = { [isCluster ? 'destinationNamedPort' : 'namedPort']: 'web' };
  const inside: fc.Arbitrary<object> = direction === 'from' ? ingressPeer : fc.oneof(byNamespace, byPod);
  const rule = fc.oneof(
    // Only peers that are Pods have names of ports.
    fc.record(
      {
        action: fc.constantFrom(...actions),
        [direction]: fc.array(inside, { minLength: 1, maxLength: 2 }),
        [field]: fc.uniqueArray(fc.constantFrom(...numbers, name), { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: ['action', direction] },
    ),
    fc.record(
      {
        action: fc.constantFrom(...actions),
        [direction]: fc.array(
          direction === 'from' ? ingressPeer : fc.oneof<fc.Arbitrary<object>[]>(outsidePeer, outsidePeer, byPod),
          {
            minLength: 1,
            maxLength: 2,
          },
        ),
        [field]: fc.uniqueArray(fc.constantFrom(...numbers), { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: ['action', direction] },
    ),
  );
  return fc.array(rule, { maxLength: 3 });
}

const priority = fc.constantFrom(5, 5, 9, 10, 100);

const clusterSpec = (tiers: readonly string[]) =>
  fc.record({
    tier: fc.constantFrom(...tiers),
    priority,
    subject,
    ingress: rules('from', ['Accept', 'Deny', 'Pass'], true),
    egress: rules('to', ['Accept', 'Deny', 'Pass'], true),
  });

/** A ClusterNetworkPolicy without a name. */
export const anyClusterPolicy: fc.Arbitrary<Omit<TieredSketch, 'name'>> = clusterSpec([
  'Admin',
  'Admin',
  'Baseline',
]).map((spec) => ({ type: 'policy.networking.k8s.io/v1beta1 ClusterNetworkPolicy', spec }));

const anyAdminPolicy: fc.Arbitrary<Omit<TieredSketch, 'name'>> = fc
  .record({
    priority,
    subject,
    ingress: rules('from', ['Allow', 'Deny', 'Pass'], false),
    egress: rules('to', ['Allow', 'Deny', 'Pass'], false),
  })
  .map((spec) => ({ type: 'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy', spec }));

const noDomains = (list: readonly object[]): readonly object[] =>
  list.filter((rule) => !JSON.stringify(rule).includes('domainNames'));

const anyBaseline: fc.Arbitrary<TieredSketch> = fc
  .record({
    subject,
    ingress: rules('from', ['Allow', 'Deny'], false),
    egress: rules('to', ['Allow', 'Deny'], false).map(noDomains),
  })
  .map((spec) => ({ type: 'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy', name: 'default', spec }));

const named = (policies: readonly Omit<TieredSketch, 'name'>[]): readonly TieredSketch[] =>
  policies.map((policy, index) => ({ ...policy, name: `p${index}` }));

const nodes = fc.constantFrom(
  [],
  [
    { labels: { k: 'a' }, ips: ['203.0.113.99', 'fd00::99'] },
    { labels: {}, ips: ['9.0.0.99', '10.0.0.2'] },
  ],
);

/** A world with ClusterNetworkPolicies, at least one, and no others in their tiers. */
export const anyClusterWorld: fc.Arbitrary<WorldSketch & { readonly tiered: readonly TieredSketch[] }> = fc
  .record({ world: anyWorld, tiered: fc.array(anyClusterPolicy, { minLength: 1, maxLength: 4 }), nodes })
  .map(({ world, tiered, nodes: known }) => ({ ...world, tiered: named(tiered), nodes: known }));

/** A world with tiered policies of every kind. */
export const anyTieredWorld: fc.Arbitrary<WorldSketch & { readonly tiered: readonly TieredSketch[] }> = fc
  .record({
    world: anyWorld,
    tiered: fc.array(fc.oneof({ weight: 3, arbitrary: anyClusterPolicy }, anyAdminPolicy), {
      minLength: 1,
      maxLength: 4,
    }),
    baseline: fc.option(anyBaseline, { nil: undefined }),
    nodes,
  })
  .map(({ world, tiered, baseline, nodes: known }) => ({
    ...world,
    tiered: [...named(tiered), ...(baseline === undefined ? [] : [baseline])],
    nodes: known,
  }));
