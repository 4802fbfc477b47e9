import { describe, expect, it } from 'vitest';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { driftOf } from '../../src/baseline/drift.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { baselineManifest } from '../../src/fencing/manifest.ts';

const labels = new Map(
  Object.entries({ env: 'prod', tier: 'web', team: 'shop', other: 'x', 'ringfence.dev/fence': '' }),
);
const namespace = { name: 'shop', labels };
const config = defaultConfig({ version: '7', ownNamespace: undefined });

const explicit = { emptyLists: true };
const settled = { emptyLists: false };
const metadata = { namespace: 'shop', labels: { env: 'prod', tier: 'web', team: 'shop' } };
const dns = expect.any(Array) as unknown;

describe('the baseline for Git', () => {
  it('is complete, DNS first, and claims nothing that only Ringfence may; the API server stores it as it is', () => {
    expect(baselineManifest(namespace, config, settled)).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'allow-dns-egress', ...metadata },
        spec: { podSelector: {}, policyTypes: ['Egress'], egress: dns },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny-all-baseline', ...metadata },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
    ]);
  });

  it('has the empty lists where they are asked for', () => {
    expect(baselineManifest(namespace, config, explicit).map(({ spec }) => spec)).toEqual([
      { podSelector: {}, policyTypes: ['Egress'], ingress: [], egress: dns },
      { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    ]);
  });

  it.each([settled, explicit])('is true to the reconciler, whatever the namespace carries (%o)', (how) => {
    for (const carried of [labels, new Map<string, string>(), new Map([['team', 'on']])]) {
      const one = { name: 'shop', labels: carried };
      const desired = desiredBaseline(one, config);
      const drifts = baselineManifest(one, config, how).map((policy) => {
        const right = desired.find(({ metadata }) => metadata.name === policy.metadata.name);
        return right === undefined ? ['no such part'] : driftOf(policy, right, config.taxonomy);
      });
      expect(drifts).toEqual([[], []]);
    }
  });

  it('has no labels where the namespace has no identity', () => {
    const [, wall] = baselineManifest({ name: 'shop', labels: new Map() }, config, settled);
    expect(wall?.metadata).toEqual({ name: 'deny-all-baseline', namespace: 'shop' });
  });
});
