import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { subjectOf } from './minimal.ts';

const text = `apiVersion: ringfence.dev/v1alpha1
kind: Configuration
taxonomy: {tier: null, layer: {values: [front, middle, back], agrees: true}}
required: {Namespace: [env, layer, team], NetworkPolicy: [env, layer, team]}
flowKey: layer
flows: [{from: front, to: middle}, {from: middle, to: back, ports: [5432]}]
`;
const config = parseConfig(text, { file: 'f', version: '1', ownNamespace: undefined, checkIds: [] });
const labels = (layer: string) => ({ env: 'prod', layer, team: 'shop' });
const facts = (layer: string) =>
  ({ known: true, labels: new Map(Object.entries(labels(layer))), fenced: true }) as const;

/** What a NetworkPolicy of a namespace of one layer is told that lets Pods of another in. */
function judge(own: string, from: object, ports?: readonly object[]) {
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'allow', namespace: 'shop', labels: labels(own) },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { env: 'prod', ...from } } }], ...(ports ? { ports } : {}) },
      ],
    },
  };
  const { findings } = evaluate(
    checks,
    subjectOf('NetworkPolicy', object, facts(own)),
    undefined,
    { mode: 'enforce', source: 'cluster' },
    config,
  );
  return findings.map(({ action, check, reason }) => `${action} ${check}: ${reason}`);
}

describe('flows between values of another key', () => {
  it('are allowed where they are listed, on their ports', () => {
    expect(judge('middle', { layer: 'front' })).toEqual([]);
    expect(judge('back', { layer: 'middle' }, [{ port: 5432 }])).toEqual([]);
  });

  it('are refused where they are not, by the name of the key', () => {
    expect(judge('back', { layer: 'front' })).toEqual([
      'deny flow-matrix: opens front -> back on every port; set layer: middle in its namespaceSelector',
    ]);
    expect(judge('back', { layer: 'middle' })).toEqual([
      'deny flow-matrix: opens middle -> back on every port; middle -> back may use TCP/5432 only',
    ]);
    expect(judge('front', { layer: 'middle' })).toEqual([
      'deny flow-matrix: opens middle -> front on every port; no layer may reach front, so remove it',
    ]);
  });

  it('are judged for all values of the key where the peer does not name it', () => {
    expect(judge('middle', { team: 'shop' })[0]).toMatch(
      /^deny flow-matrix: opens middle, back.* -> middle on every port; add layer: front to its namespaceSelector$/,
    );
  });

  it('are not judged by the tier, which is a label like any other then', () => {
    expect(judge('middle', { layer: 'front', tier: 'data' }).filter((line) => line.includes('flow-matrix'))).toEqual(
      [],
    );
  });
});
