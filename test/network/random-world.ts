import fc from 'fast-check';
import { type Range, readAddress, readCidr } from '../../src/network/address.ts';
import { everyAddress, privateNetworks } from '../../src/network/blocks.ts';
import { readPolicy } from '../../src/network/read.ts';
import type { Policy, Protocol } from '../../src/network/rules.ts';
import type { Pod, World } from '../../src/network/world.ts';

/** The vocabularies are small, so that selectors, names and blocks often meet. */
const namespaceNames = ['x', 'y', 'z'];
const keys = ['app', 'tier'];
const values = ['a', 'b', ''];
const ports = [80, 81, 443];
const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
const addresses = ['10.0.0.1', '10.0.0.2', '10.1.0.1', 'fd00::1', 'fd00::2'];
const blocks = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/16', '10.0.0.1/32', '::/0', 'fd00::/127'];

/** The ports and protocols that distinguish such worlds. */
export const probes = protocols.flatMap((protocol) => [...ports, 5000].map((port) => ({ protocol, port })));

const labels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 2 });

const selector = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constantFrom(...keys),
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
        }),
        fc.record({ key: fc.constantFrom(...keys), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      ),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: [] },
);

const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ namespaceSelector: selector, podSelector: selector }),
  fc.record({
    ipBlock: fc.record(
      { cidr: fc.constantFrom(...blocks), except: fc.array(fc.constantFrom('10.0.0.0/24'), { maxLength: 1 }) },
      { requiredKeys: ['cidr'] },
    ),
  }),
);

const port = fc.record(
  {
    protocol: fc.constantFrom(...protocols),
    port: fc.oneof(fc.constantFrom(...ports), fc.constantFrom('http', 'dns')),
  },
  { requiredKeys: [] },
);

const rule = (peers: 'from' | 'to') =>
  fc.record(
    { [peers]: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );

const policy = fc.record({
  namespace: fc.constantFrom(...namespaceNames),
  spec: fc.record(
    {
      podSelector: selector,
      policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: fc.array(rule('from'), { maxLength: 2 }),
      egress: fc.array(rule('to'), { maxLength: 2 }),
    },
    { requiredKeys: ['podSelector'] },
  ),
});

const pod = fc.record({
  namespace: fc.constantFrom(...namespaceNames),
  labels,
  // Often there is none, so that some verdicts are undefined.
  addresses: fc.uniqueArray(fc.constantFrom(...addresses), { maxLength: 2 }),
  hostNetwork: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  ports: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('http', 'dns'),
      protocol: fc.constantFrom(...protocols),
      port: fc.constantFrom(...ports),
    }),
    { maxLength: 2, selector: ({ name, protocol }) => `${name}/${protocol}` },
  ),
});

/** Worlds of up to eight Pods and six policies, with every feature of the API. */
export const randomWorld: fc.Arbitrary<World> = fc
  .record({
    namespaces: fc.tuple(labels, labels, labels),
    pods: fc.array(pod, { minLength: 1, maxLength: 8 }),
    policies: fc.array(policy, { maxLength: 6 }),
    podNetworks: fc.constantFrom(
      everyAddress,
      privateNetworks,
      networks('10.0.0.0/16'),
      networks('10.0.0.0/8', 'fd00::/127'),
    ),
  })
  .map((sketch) => ({
    namespaces: new Map(
      namespaceNames.map((name, index) => [name, new Map(Object.entries(sketch.namespaces[index] ?? {}))]),
    ),
    pods: sketch.pods.map(
      (one, index): Pod => ({
        ...one,
        name: `pod-${index}`,
        labels: new Map(Object.entries(one.labels)),
        addresses: one.addresses.flatMap((text) => readAddress(text) ?? []),
        nodeAddresses: [],
      }),
    ),
    podNetworks: sketch.podNetworks,
    policies: sketch.policies.map(({ namespace, spec }, index) => readOrThrow(spec, namespace, `policy-${index}`)),
  }));

function readOrThrow(spec: unknown, namespace: string, name: string): Policy {
  const read = readPolicy(spec, { namespace, name });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

function networks(...cidrs: readonly string[]): readonly Range[] {
  return cidrs.flatMap((cidr) => readCidr(cidr) ?? []);
}
