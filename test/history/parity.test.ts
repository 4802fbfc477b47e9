// What replay says of a line is what admission says of the request, under any two configurations,
// or that the line does not decide it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { type Again, createJudge } from '../../src/history/again.ts';
import { fenceMark, modeLabel, modes } from '../../src/policy/mode.ts';
import { request } from '../admission/scene.ts';
import { admit, configOf, type LabelMap, type Scenery } from './admissions.ts';

/** Labels with and without mistakes; each key may be missing. */
const labels = (more: Record<string, fc.Arbitrary<string>> = {}): fc.Arbitrary<LabelMap> =>
  fc.record(
    {
      env: fc.constantFrom('prod', 'prod', 'staging', 'prd'),
      tier: fc.constantFrom('api', 'api', 'web', 'zzz'),
      team: fc.constantFrom('shop', 'shop', 'pay'),
      expose: fc.constantFrom('false', 'true', 'yes'),
      internal: fc.constantFrom('true', 'false'),
      sensitivity: fc.constantFrom('high', 'zzz'),
      cost: fc.constantFrom('a', 'b'),
      ...more,
    },
    { requiredKeys: [] },
  );

const namespaceLabels = labels({
  [fenceMark]: fc.constant('true'),
  [modeLabel]: fc.constantFrom('observe', 'warn', 'enforce', 'loud'),
});

const podSpec = fc.record({
  hostNetwork: fc.boolean(),
  serviceAccountName: fc.constantFrom('default', 'agent'),
});
const controllers = fc.constantFrom(
  [],
  [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7c9', controller: true }],
);

type Wire = Readonly<Record<string, unknown>>;
const podOf = (theirs: LabelMap, spec: Wire, ownerReferences: readonly Wire[]): Wire => ({
  metadata: { name: 'web', namespace: 'shop', labels: theirs, ownerReferences },
  spec,
});
const builders: Readonly<Record<string, (theirs: LabelMap, spec: Wire, owners: readonly Wire[]) => Wire>> = {
  Pod: podOf,
  Deployment: (theirs, spec) => ({ metadata: { name: 'web' }, spec: { template: podOf(theirs, spec, []) } }),
  ReplicaSet: (theirs, spec, ownerReferences) => ({
    metadata: { name: 'web-7c9', ownerReferences },
    spec: { template: podOf(theirs, spec, []) },
  }),
  CronJob: (theirs, spec) => ({
    metadata: { name: 'web' },
    spec: { jobTemplate: { spec: { template: podOf(theirs, spec, []) } } },
  }),
  Namespace: (theirs) => ({ metadata: { name: 'shop', labels: theirs } }),
  NetworkPolicy: (theirs, spec) => ({
    metadata: { name: 'web', labels: theirs },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: spec['hostNetwork'] === true ? [{}] : [{ from: [{ podSelector: { matchLabels: { tier: 'api' } } }] }],
    },
  }),
};

const admissions: fc.Arbitrary<{ given: AdmissionRequest; scenery: Scenery }> = fc
  .record({
    kind: fc.constantFrom(...Object.keys(builders)),
    now: fc.tuple(namespaceLabels, podSpec, controllers),
    old: fc.option(fc.tuple(namespaceLabels, podSpec, controllers), { nil: undefined }),
    isSame: fc.boolean(),
    username: fc.constantFrom('dev', 'system:serviceaccount:kube-system:replicaset-controller'),
    namespace: fc.option(namespaceLabels, { nil: undefined, freq: 20 }),
    unclaimable: fc.subarray(['team:pay', 'env:prod', 'cost:a']),
    permitted: fc.subarray(['dev relabel shop', 'dev fence shop', 'dev lower shop', 'dev exempt shop']),
  })
  .map(({ kind, now, old, isSame, username, ...scenery }) => {
    const build = builders[kind] as (typeof builders)[string];
    const object = build(...now);
    const name = kind === 'ReplicaSet' ? 'web-7c9' : kind === 'Namespace' ? 'shop' : 'web';
    const before =
      old === undefined ? {} : { operation: 'UPDATE' as const, oldObject: isSame ? object : build(...old) };
    return { given: request(kind, object, { name, userInfo: { username }, ...before }), scenery };
  });

const exceptions: NonNullable<ConfigFile['exceptions']> = [
  {
    name: 'old-web',
    checks: ['required-labels', 'host-network'],
    namespace: 'shop',
    workloads: [{ kind: 'Deployment', name: 'web' }],
    reason: 'it moves in spring',
    until: '2999-01-31',
  },
];
const agent: ConfigFile['exceptions'] = exceptions.map((one) => ({
  ...one,
  name: 'agent',
  workloads: [{ serviceAccount: 'agent' }],
}));

/** Files that differ in what replay must notice. */
const sameRules: readonly Partial<ConfigFile>[] = [
  {},
  { checks: { 'label-values': 'warn', 'host-network': 'warn', claim: 'warn' } },
  { exceptions },
  { exceptions: agent },
  { exempt: { namespaces: ['shop'] } },
];
const otherRules: readonly Partial<ConfigFile>[] = [
  { inherit: true },
  { taxonomy: { env: { values: ['prod', 'prd'], agrees: true } } },
  { taxonomy: { tier: { values: ['api', 'web'], agrees: false } }, inherit: true },
  { taxonomy: { cost: { values: ['a'], agrees: true } } },
  { required: { Pod: ['env', 'sensitivity'], Namespace: ['team'], NetworkPolicy: [] } },
  { taxonomy: { cost: { values: ['a'], agrees: false } }, required: { Pod: ['cost'] } } as Partial<ConfigFile>,
];

const configs = (files: readonly Partial<ConfigFile>[]): fc.Arbitrary<Partial<ConfigFile>> =>
  fc.tuple(fc.constantFrom(...files), fc.constantFrom(...modes)).map(([file, mode]) => ({ ...file, mode }));

/** The same requests each time. RINGFENCE_RUNS=6000 takes as many others. */
const asked = process.env['RINGFENCE_RUNS'];
const options = asked === undefined ? { numRuns: 1000, seed: 14 } : { numRuns: Number(asked) };

async function again(given: AdmissionRequest, scenery: Scenery, then: Partial<ConfigFile>, now: Partial<ConfigFile>) {
  const line = await admit(given, scenery, configOf(then));
  const replayed: Again = await createJudge(configOf(now))(line);
  const real = await admit(given, scenery, configOf(now));
  return { line, replayed, real };
}

describe('replay', () => {
  it('says what admission says, or that the line does not decide it', async () => {
    let [decided, all] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        admissions,
        configs([...sameRules, ...otherRules]),
        configs([...sameRules, ...otherRules]),
        async ({ given, scenery }, then, now) => {
          const { replayed, real } = await again(given, scenery, then, now);
          all += 1;
          if (replayed.outcome === 'undecided') return;
          decided += 1;
          expect(replayed.outcome).toBe(real.decision);
        },
      ),
      options,
    );
    // To answer that nothing is decided would be true as well.
    expect(decided / all).toBeGreaterThan(0.6);
  });

  it('decides each line of known namespaces under the same rules, with the findings of admission', async () => {
    const tell = (all: readonly { check: string; field: string; action: string; because: string }[]) =>
      all.map(({ check, field, action, because }) => [check, field, action, because].join(' ')).sort();
    await fc.assert(
      fc.asyncProperty(
        admissions,
        configs(sameRules.slice(0, 4)),
        configs(sameRules),
        async ({ given, scenery }, then, now) => {
          fc.pre(scenery.namespace !== undefined && given.kind.kind !== 'Namespace');
          const { replayed, real } = await again(given, scenery, then, now);
          expect(replayed.outcome).toBe(real.decision);
          expect(tell(replayed.findings)).toEqual(tell(real.findings));
        },
      ),
      options,
    );
  });
});
