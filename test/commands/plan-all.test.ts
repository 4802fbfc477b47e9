import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, it } from 'vitest';
import { trialAnnotation } from '../../src/baseline/trial.ts';
import { hubbleLine } from './hubble-line.ts';
import { exampleManifests, runPlan } from './plan-scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schemaOf = (name: string) => JSON.parse(readFileSync(join('schemas', `${name}.schema.json`), 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true }).addSchema(schemaOf('plan')).compile(schemaOf('plan-all'));

/** What `plan --all -o json` prints, which must fit its schema. */
async function readAll(...args: readonly string[]) {
  const { stdout, code } = await runPlan('--all', ...args, '-o', 'json');
  const all = JSON.parse(stdout);
  expect(validate(all), JSON.stringify(validate.errors)).toBe(true);
  return { all, code };
}

it('--all names what is fenced already and what is never fenced, and why', async () => {
  const namespaces = [
    ['shop', { 'ringfence.dev/fence': 'true' }],
    ['bank', { env: 'prod' }],
    ['tried', { 'ringfence.dev/fence': 'true', env: 'prod', tier: 'api', team: 'shop' }],
    ['kube-system', {}],
    ['legacy', {}],
    ['ringfence-system', {}],
  ] as const;
  const file = join(folder, 'named.json');
  const items = namespaces.map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels, annotations: name === 'tried' ? { [trialAnnotation]: '2026-03-01T12:15:00Z' } : {} },
  }));
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const config = join(folder, 'exempting.yaml');
  writeFileSync(config, 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nexempt: {namespaces: [legacy]}\n');
  const { stdout } = await runPlan('--all', '-f', file, '--config', config);
  const kubernetes =
    "belongs to Kubernetes (kube-system, kube-public, kube-node-lease); a fence could prevent the cluster's own repair";
  expect(stdout).toMatch(/^shop +fenced +0/m);
  expect(stdout).toMatch(/^tried +- +0/m);
  expect(stdout).toContain(
    [
      'An order in which they can be fenced, the one with the least to lose first; ringfence fence refuses a namespace that lacks its labels:',
      '  1. bank, when it has tier, team',
      '  2. tried',
      'Fenced already: shop',
      `No plan: kube-system: ${kubernetes}`,
      'No plan: legacy: is exempt: exempt.namespaces in the configuration lists it',
      'No plan: ringfence-system: is exempt: Ringfence runs in it',
      '',
    ].join('\n'),
  );
  const { all } = await readAll('-f', file, '--config', config);
  expect(
    all.rows.map((row: { namespace: string; fenced: boolean; missing: string[] }) => [
      row.namespace,
      row.fenced,
      row.missing,
    ]),
  ).toEqual([
    ['tried', false, []],
    ['shop', true, []],
    ['bank', false, ['tier', 'team']],
  ]);
  expect(all.order).toEqual(['bank', 'tried']);
  expect(all.exempt).toEqual([
    { namespace: 'kube-system', reason: kubernetes },
    { namespace: 'legacy', reason: 'is exempt: exempt.namespaces in the configuration lists it' },
    { namespace: 'ringfence-system', reason: 'is exempt: Ringfence runs in it' },
  ]);
});

it('--all --write has the proof of every plan, and what check says about what was written', async () => {
  const config = join(folder, 'owner.yaml');
  writeFileSync(
    config,
    'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: enforce\ntaxonomy: {owner: {values: [a]}}\nrequired: {NetworkPolicy: [env, tier, team, owner]}\n',
  );
  const { all: unwritten, code: without } = await readAll(...exampleManifests, '--config', config);
  expect(without).toBe(0);
  expect(Object.keys(unwritten)).not.toContain('written');
  const { all, code } = await readAll(...exampleManifests, '--config', config, '--write', join(folder, 'policies'));
  expect(code).toBe(1);
  expect(all.written.isRefused).toBe(true);
  expect(all.written.findings).toContain(
    'NetworkPolicy database/allow-store-ingress: required-labels: owner missing; one of a',
  );
  expect(all.written.files).toContain('database/allow-store-ingress.yaml');
  for (const [index, name] of ['backend', 'database', 'frontend'].entries())
    expect(all.plans[index]).toMatchObject({ namespace: name, proof: { opened: [], beyond: [], missing: [] } });
});

it('--all --write names what labels do not tell apart', async () => {
  const { stdout } = await runPlan('--all', ...exampleManifests, '--write', join(folder, 'exact'));
  expect(stdout).toMatch(
    /\n\nProof: what is kept or written is open behind the baselines, and nothing else is opened\.\n$/,
  );
  const twin = join(folder, 'twin.yaml');
  writeFileSync(
    twin,
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: copy, namespace: database}\nspec: {selector: {matchLabels: {app: store}}, template: {metadata: {labels: {app: store, env: prod, tier: data, team: platform, sensitivity: high, expose: "false", internal: "true"}}, spec: {containers: [{name: copy}]}}}\n',
  );
  const log = join(folder, 'hubble.jsonl');
  writeFileSync(log, hubbleLine('backend/api-5d4f8c7b9-x2x7k/api', 'database/store-0/store', 5432));
  const { stdout: told } = await runPlan(
    ...['--all', ...exampleManifests, '-f', twin, '--observed', log, '--write', join(folder, 'twins')],
  );
  const also = [
    '  Also opened, because labels do not tell these workloads apart:',
    '    backend/deployment/api -> database/statefulset/store, database/statefulset/copy TCP/5432',
  ];
  expect(told.split('\n').slice(-8)).toEqual([
    'Proof: what is kept or written is open behind the baselines.',
    ...['Namespace backend:', ...also],
    ...['Namespace database:', ...also],
    '',
  ]);
});
