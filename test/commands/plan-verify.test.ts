import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type Run, runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifests = ['namespaces.yaml', 'workloads.yaml'].flatMap((name) => [
  '-f',
  join('examples', 'three-tiers', name),
]);

interface Spoilt {
  readonly world: Record<string, unknown>;
  readonly plans: { readonly backend: Record<string, unknown> };
}

const run = (...args: readonly string[]): Promise<Run> => runCommand([planCommand(readEnvironment({}))], args);

it('the files of a plan are verified behind the baseline with which they were planned, whatever configuration is at hand', async () => {
  const own = join(folder, 'another-dns');
  const config = join(folder, 'ringfence.yaml');
  writeFileSync(
    config,
    'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nbaseline: {dns: [{namespace: database, podLabels: {app: store}}]}\n',
  );
  // It needs nothing but DNS, so no policy of its own opens that.
  const idle = join(folder, 'idle.yaml');
  writeFileSync(
    idle,
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: idle, namespace: backend}\nspec: {selector: {matchLabels: {app: idle}}, template: {metadata: {labels: {app: idle}}, spec: {containers: [{name: idle}]}}}\n',
  );
  const { stdout } = await run('plan', 'backend', ...manifests, '-f', idle, '--config', config, '--write', own);
  expect(stdout).toContain('database/statefulset/store UDP/53 by backend/allow-dns-egress');
  expect(await run('plan', '--verify', own)).toMatchObject({ code: 0 });
  expect(await run('plan', '--verify', own, '--config', config)).toMatchObject({ code: 0 });
  const other = join(folder, 'other.yaml');
  writeFileSync(other, 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n');
  const { stdout: held, code } = await run('plan', '--verify', own, '--config', other);
  expect(held).toContain('NetworkPolicy backend/allow-dns-egress: the configuration makes another baseline');
  expect(held).toContain('closed, and the plan needs it: backend/deployment/idle -> database/statefulset/store UDP/53');
  // The planned policy of the other one opens DNS by itself, as it does before the fence.
  expect(held).not.toContain('backend/deployment/api');
  expect(code).toBe(1);
  const path = join(own, 'plan.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as Spoilt;
  const spoilt = async (change: (record: Spoilt) => void, stderr: string) => {
    const copy = structuredClone(record);
    change(copy);
    writeFileSync(path, JSON.stringify(copy));
    expect(await run('plan', '--verify', own)).toMatchObject({ code: 2, stderr: expect.stringContaining(stderr) });
  };
  await spoilt(
    ({ world }) => delete world['baselines'],
    'world.baselines must be a list; ringfence plan --write writes',
  );
  await spoilt(({ plans }) => delete plans.backend['open'], 'plans.backend.open must be a list');
  await spoilt(({ plans }) => {
    plans.backend['open'] = [5];
  }, 'plans.backend.open[0].from must be an object');
  await spoilt(({ world }) => {
    world['pods'] = [{ namespace: 'backend', name: 'a', labels: {}, ports: [] }];
  }, 'world.pods[0].addresses must be a list');
  await spoilt(({ world }) => {
    world['namespaces'] = { backend: { tier: 5 } };
  }, 'plan.json: world.namespaces.backend: metadata.labels');
  // A policy that cannot be read any more would have no part in the proof.
  const unreadable = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' }, spec: 1 };
  await spoilt(({ world }) => {
    world['policies'] = [unreadable];
  }, 'plan.json: world.policies[0]: spec ');
});
