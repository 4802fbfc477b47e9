import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { config } from '../policy/minimal.ts';

const workloads = [
  { group: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', versions: ['*'], template: ['spec', 'template'] },
];
const shop =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\n';

async function judge(spec: string, as: Partial<Config> = { workloads }) {
  const text = `${shop}apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web, namespace: shop}\nspec:\n  ${spec}\n`;
  const { documents } = parseManifest(text, 'a.yaml');
  const whole = { ...config, ...as };
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, whole);
  const { objects, passedOver } = await judgeDocuments(documents, inventory, whole);
  const findings = objects
    .slice(1)
    .flatMap(({ subject, findings: all }) =>
      all.map(
        ({ line, action, undecided, reason, check }) =>
          `${subject.kind} ${line} ${undecided ? 'undecided' : action}: ${reason} [${check}]`,
      ),
    );
  return { findings, passedOver: [...passedOver] };
}

describe('a workload of the configuration, in files', () => {
  it('is judged by its template, at its place', async () => {
    const { findings } = await judge(
      'template: {metadata: {labels: {env: prd, tier: api, team: shop, expose: "false"}}}',
    );
    expect(findings).toEqual([
      'Rollout 9 deny: "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values]',
    ]);
  });

  it('that has no template is not decided', async () => {
    expect((await judge('workloadRef: {name: web}')).findings).toEqual([
      'Rollout 8 undecided: not decided: there is none at spec.template, so only its Pods are judged [missing-template]',
    ]);
  });

  it('gets the labels that admission fills in', async () => {
    expect((await judge('template: {}', { workloads, inherit: true })).findings).toEqual([]);
    expect((await judge('template: {}')).findings).toHaveLength(4);
  });

  it('is counted as skipped where the configuration does not list it', async () => {
    expect(await judge('template: {}', {})).toEqual({
      findings: [],
      passedOver: [['argoproj.io/v1alpha1 Rollout', 1]],
    });
  });
});

describe('a workload that the configuration does not list, in files', () => {
  const wrong =
    'template: {metadata: {labels: {env: prd, tier: api, team: shop, expose: "false"}}, spec: {containers: []}}';

  it('is judged by the shape of its template, as if it were listed', async () => {
    const { findings, passedOver } = await judge(wrong, {});
    expect(findings).toHaveLength(1);
    expect(findings).toEqual((await judge(wrong)).findings);
    expect(passedOver).toEqual([]);
  });

  it('is judged once for each template, each at its place', async () => {
    const parts = `parts:\n  - ${wrong}\n  - ${wrong.replace('prd', 'prod')}\n  - ${wrong.replace('prd', 'stagin')}`;
    expect((await judge(parts.replaceAll('\n', '\n  '), {})).findings).toEqual([
      'Rollout 10 deny: "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values]',
      'Rollout 12 deny: "stagin" is not one of prod, staging, dev; did you mean "staging"? [label-values]',
    ]);
  });
});

describe('an object with an apiVersion that is not served, in files', () => {
  it.each([
    ['networking.k8s.io/v1beta1', 'NetworkPolicy', '{podSelector: {}}', 'networking.k8s.io/v1'],
    ['extensions/v1beta1', 'Deployment', '{template: {}}', 'apps/v1'],
    ['networkin.k8s.io/v1', 'NetworkPolicy', '{podSelector: {}}', 'networking.k8s.io/v1'],
  ])('%s %s is a finding', async (apiVersion, kind, spec, expected) => {
    const text = `${shop}apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: shop}\nspec: ${spec}\n`;
    const { documents } = parseManifest(text, 'a.yaml');
    const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, config);
    const { objects } = await judgeDocuments(documents, inventory, config);
    expect(objects[1]?.findings).toContainEqual(
      expect.objectContaining({
        check: 'readable',
        action: 'deny',
        line: 5,
        reason: `is "${apiVersion}" where ${expected} belongs`,
      }),
    );
  });
});
