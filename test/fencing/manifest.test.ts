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

describe('the baseline for Git', () => {
  it('is complete, with its empty lists, DNS first, and claims nothing that only Ringfence may', () => {
    expect(baselineManifest(namespace, config)).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'allow-dns-egress', namespace: 'shop', labels: { env: 'prod', tier: 'web', team: 'shop' } },
        spec: expect.objectContaining({ policyTypes: ['Egress'], ingress: [] }) as object,
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny-all-baseline', namespace: 'shop', labels: { env: 'prod', tier: 'web', team: 'shop' } },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
      },
    ]);
  });

  it('is true to the reconciler, whatever the namespace carries', () => {
    for (const carried of [labels, new Map<string, string>(), new Map([['team', 'on']])]) {
      const one = { name: 'shop', labels: carried };
      const desired = desiredBaseline(one, config);
      const drifts = baselineManifest(one, config).map((policy) => {
        const right = desired.find(({ metadata }) => metadata.name === policy.metadata.name);
        return right === undefined ? ['no such part'] : driftOf(policy, right, config.taxonomy);
      });
      expect(drifts).toEqual([[], []]);
    }
  });

  it('has no labels where the namespace has no identity', () => {
    const [, wall] = baselineManifest({ name: 'shop', labels: new Map() }, config);
    expect(wall?.metadata).toEqual({ name: 'deny-all-baseline', namespace: 'shop' });
  });
});
