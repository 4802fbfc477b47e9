import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { type Dialect, renderBaseline } from '../../src/baseline/dialects/dialect.ts';
import { optionalNames, reservedNames } from '../../src/baseline/names.ts';
import { calicoSchema } from './calico-schema.ts';
import { shopLabels } from './cluster-double.ts';
import { differences, ofCalico, ofCilium, ownNode, verdictsWith } from './dialect-world.ts';
import { configWithParts } from './parts.fixture.ts';

const shop = { name: 'shop', labels: new Map(Object.entries(shopLabels)) };
const config = configWithParts();
const wall = 'deny-all-baseline';
const v1 = new Map<string, object>(
  desiredBaseline(shop, config).map((policy) => [policy.metadata.name ?? '', policy] as const),
);
const ofV1 = (names: readonly string[]) => names.flatMap((name) => v1.get(name) ?? []);

interface Printed {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly priority?: number };
}

function rendered(dialect: Dialect, names: readonly string[]): readonly Printed[] {
  return renderBaseline(dialect, shop, config, 'v1beta1')
    .map(({ object }) => object as unknown as Printed)
    .filter(({ metadata }) => names.some((name) => metadata.name === name || metadata.name === `shop-${name}`));
}

describe('the world of the comparison', () => {
  it('tells every two parts apart', () => {
    const verdicts = reservedNames.map((name) => JSON.stringify([...verdictsWith(ofV1([wall, name]))]));
    expect(new Set(verdicts).size).toBe(reservedNames.length);
  });
});

describe.each([
  ['cilium', ofCilium],
  ['calico', ofCalico],
] as const)('the baseline as %s', (dialect, meaning) => {
  const inDialect = (names: readonly string[]) => rendered(dialect, names).map(meaning);
  /**
   * On Cilium the own node is one entity with all its addresses, as the comments beside it say: DNS
   * is open on all of them, and the address of the cache is one from which probes come.
   */
  const known = (names: readonly string[]) =>
    ['web', 'api', 'hook'].flatMap((pod) =>
      dialect === 'calico'
        ? []
        : [
            ...(names.includes(optionalNames.nodeLocalDns)
              ? ['53/TCP', '53/UDP'].map((port) => `shop/${pod} -> ${ownNode} ${port}: denied, allowed`)
              : []),
            ...(names.includes(optionalNames.probes)
              ? ['8080/TCP', '8081/TCP', '53/UDP'].map(
                  (port) => `169.254.20.10 -> shop/${pod} ${port}: denied, allowed`,
                )
              : []),
          ],
    );

  it.each(reservedNames)('%s means the same, alone and behind the wall', (name) => {
    expect(inDialect([name])).toHaveLength(1);
    for (const names of [[name], [wall, name]])
      expect(differences(ofV1(names), inDialect(names)).toSorted()).toEqual(known(names).toSorted());
  });

  it('means the same as a whole', () => {
    expect(differences(ofV1(reservedNames), inDialect(reservedNames)).toSorted()).toEqual(
      known(reservedNames).toSorted(),
    );
  });
});

describe('the baseline as calico', () => {
  it('has only fields of its definition, in their forms', () => {
    const validate = new Ajv({ strict: false }).compile(calicoSchema);
    for (const policy of rendered('calico', reservedNames))
      expect([policy.metadata.name, validate(policy), validate.errors]).toEqual([policy.metadata.name, true, null]);
  });
});

describe('the baseline as ClusterNetworkPolicies', () => {
  const inDialect = (names: readonly string[]) => rendered('clusternetworkpolicy', names);
  /** What comes in from an address, which this kind cannot deny. */
  const isFromAddress = (line: string) => !/^[a-z-]+\//.test(line);

  it.each(reservedNames)('%s means the same behind the wall, but for what comes in from addresses', (name) => {
    const found = differences(ofV1([wall, name]), inDialect([wall, name]));
    expect(found.filter((line) => !isFromAddress(line))).toEqual([]);
    expect(found.every((line) => line.endsWith(': denied, allowed'))).toBe(true);
    expect(found.length).toBeGreaterThan(0);
  });

  it('means the same as a whole, but for what comes in from addresses', () => {
    const found = differences(ofV1(reservedNames), inDialect(reservedNames));
    expect(found.filter((line) => !isFromAddress(line))).toEqual([]);
  });

  it('has a priority of its own for each part, and the wall last', () => {
    const priorities = inDialect(reservedNames).map(({ spec }) => spec.priority ?? -1);
    expect(new Set(priorities).size).toBe(priorities.length);
    expect(Math.max(...priorities)).toBe(inDialect([wall])[0]?.spec.priority);
  });

  it('has no object for a part that lets in addresses alone', () => {
    expect(inDialect([optionalNames.probes, optionalNames.apiServer])).toEqual([]);
  });

  it.each(['v1beta1', 'v1alpha2'] as const)('is printed as %s in the same shape', (version) => {
    const objects = renderBaseline('clusternetworkpolicy', shop, config, version).map(({ object }) => object);
    expect(new Set(objects.map((object) => object['apiVersion']))).toEqual(
      new Set([`policy.networking.k8s.io/${version}`]),
    );
    expect(objects.map((object) => object['spec'])).toEqual(inDialect(reservedNames).map(({ spec }) => spec));
  });

  it('has blocks without bits behind their prefix, and never more than 25 entries in a list', () => {
    const cidrs = Array.from({ length: 60 }, (_, index) => `203.0.${index}.7/24`);
    const ports = Array.from({ length: 30 }, (_, index) => 1000 + 2 * index);
    const many = configWithParts('1', { baseline: { thirdParty: [{ cidrs, ports }] } });
    const [spec] = renderBaseline('clusternetworkpolicy', shop, many, 'v1beta1').map(({ object }) => object['spec']);
    const { egress } = spec as { egress: { to: { networks: string[] }[]; protocols: object[] }[] };
    expect(egress.flatMap(({ to }) => to).every(({ networks }) => networks.length <= 25)).toBe(true);
    expect(egress.map(({ protocols }) => protocols.length)).toEqual([25, 5]);
    expect(egress[0]?.to[0]?.networks.slice(0, 2)).toEqual(['203.0.0.0/24', '203.0.1.0/24']);
  });

  it('says which part needs more rules than a policy may have', () => {
    const thirdParty = Array.from({ length: 26 }, (_, index) => ({ cidrs: [`203.0.113.${index}/32`], ports: [443] }));
    const many = configWithParts('1', { baseline: { thirdParty } });
    expect(() => renderBaseline('clusternetworkpolicy', shop, many, 'v1beta1')).toThrow(
      'allow-third-party-baseline needs 26 rules, and a ClusterNetworkPolicy has at most 25; use fewer peers and ports',
    );
  });
});
