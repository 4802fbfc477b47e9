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
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined }, whole);
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
