import { describe, expect, it } from 'vitest';
import { type BaselineState, createCensus } from '../../src/baseline/census.ts';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { denyAllName, optionalNames } from '../../src/baseline/names.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { Config } from '../../src/config/config.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { fenceMark, type Mode, modeLabel } from '../../src/policy/mode.ts';
import { configAt, shopLabels } from './cluster-double.ts';
import { configWithParts, everyPart } from './parts.fixture.ts';

const identity = { env: 'prod', tier: 'web', team: 'shop' };

/** The caches, a census of them, and the number of specifications that a census has read. */
function setUp(initial: Config = configAt('50')) {
  let config = initial;
  let reads = 0;
  const namespaces = new Map<string, ReturnType<typeof readNamespace>>();
  const policies = new Map<string, NetworkPolicy>();
  const census = createCensus({ namespaces, policies, now: () => 0 }, () => config);
  return {
    namespaces,
    policies,
    reads: () => reads,
    configure(next: Config) {
      config = next;
    },
    add(name: string, labels: Record<string, string>, deletionTimestamp?: string) {
      const metadata = { name, uid: name, labels, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) };
      namespaces.set(name, readNamespace({ metadata }));
    },
    build(name: string) {
      const namespace = namespaces.get(name);
      if (namespace === undefined) throw new Error(name);
      for (const desired of desiredBaseline(namespace, config)) {
        const { spec, ...policy } = desired;
        Object.defineProperty(policy, 'spec', {
          enumerable: true,
          get() {
            reads += 1;
            return spec;
          },
        });
        policies.set(`${name}/${desired.metadata.name}`, policy as NetworkPolicy);
      }
    },
    /** Returns the counts that are not zero, in the form `enforce true 2`. */
    counted: () =>
      census()
        .filter((count) => count.namespaces > 0)
        .map(({ mode, baseline, namespaces: number }) => `${mode} ${baseline} ${number}`),
  };
}

describe('a census', () => {
  it('has every mode and state, those of none too', () => {
    const counts = createCensus({ namespaces: new Map(), policies: new Map(), now: () => 0 }, () => configAt('50'))();
    expect(counts).toHaveLength(12);
    expect(counts.every(({ namespaces }) => namespaces === 0)).toBe(true);
  });

  it.each<[string, BaselineState, Record<string, string>, string | undefined]>([
    ['has no mark', 'unfenced', identity, undefined],
    ['is being deleted', 'terminating', shopLabels, '2026-11-25T10:00:00Z'],
    ['has no baseline', 'untrue', shopLabels, undefined],
  ])('counts a namespace that %s as %s', (_, state, labels, deletionTimestamp) => {
    const { add, counted } = setUp();
    add('shop', labels, deletionTimestamp);
    expect(counted()).toEqual([`enforce ${state} 1`]);
  });

  it('counts a baseline as true only while both its parts are as they must be', () => {
    const { add, build, counted, policies } = setUp();
    add('shop', shopLabels);
    build('shop');
    expect(counted()).toEqual(['enforce true 1']);
    const key = `shop/${denyAllName}`;
    const wall = policies.get(key) as NetworkPolicy;
    policies.set(key, { ...wall, spec: { ...denyAllSpec, ingress: [{}] } });
    expect(counted()).toEqual(['enforce untrue 1']);
    policies.set(key, wall);
    expect(counted()).toEqual(['enforce true 1']);
    policies.delete('shop/allow-dns-egress');
    expect(counted()).toEqual(['enforce untrue 1']);
  });

  it('counts a baseline as untrue while it allows what the configuration no longer does', () => {
    const { add, build, counted, configure, policies } = setUp(configWithParts());
    add('shop', shopLabels);
    build('shop');
    expect(counted()).toEqual(['enforce true 1']);
    configure(configWithParts('51', { baseline: { dns: everyPart.baseline.dns } }));
    expect(counted()).toEqual(['enforce untrue 1']);
    for (const name of Object.values(optionalNames)) policies.delete(`shop/${name}`);
    expect(counted()).toEqual(['enforce true 1']);
  });

  it.each<[Mode, string | undefined, Mode]>([
    ['observe', undefined, 'observe'],
    ['enforce', 'warn', 'warn'],
    ['warn', 'nonsense', 'warn'],
  ])('counts by the mode that holds there: the cluster %s, its own %s', (cluster, own, mode) => {
    const { add, counted } = setUp({ ...configAt('50'), mode: cluster });
    add('shop', own === undefined ? identity : { ...identity, [modeLabel]: own });
    expect(counted()).toEqual([`${mode} unfenced 1`]);
  });

  it('follows labels, and the configuration', () => {
    const { add, build, counted, configure } = setUp();
    add('shop', shopLabels);
    build('shop');
    expect(counted()).toEqual(['enforce true 1']);
    add('shop', { ...identity, team: 'other', [fenceMark]: '' });
    expect(counted()).toEqual(['enforce untrue 1']);
    add('shop', shopLabels);
    const other = configAt('51');
    configure({ ...other, baseline: { dns: other.baseline.dns.map((place) => ({ ...place, ports: [5353] })) } });
    expect(counted()).toEqual(['enforce untrue 1']);
    configure({ ...configAt('52'), mode: 'observe' });
    expect(counted()).toEqual(['observe true 1']);
  });

  it('compares again only what has changed', () => {
    const { add, build, counted, reads } = setUp();
    for (const name of ['one', 'two', 'three']) {
      add(name, shopLabels);
      build(name);
    }
    counted();
    const first = reads();
    expect(first).toBeGreaterThanOrEqual(6);
    for (let scrape = 0; scrape < 10; scrape += 1) counted();
    expect(reads()).toBe(first);
    build('two');
    counted();
    expect(reads()).toBeLessThanOrEqual(first + first / 3);
    expect(counted()).toEqual(['enforce true 3']);
  });
});
