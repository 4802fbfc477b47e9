import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { trialAnnotation } from '../../src/baseline/trial.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type Run, runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]): Promise<Run> => runCommand([planCommand(readEnvironment({}))], args);

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
  const { stdout } = await run('plan', '--all', '-f', file, '--config', config);
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
  const all = JSON.parse((await run('plan', '--all', '-f', file, '--config', config, '-o', 'json')).stdout);
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
