import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { paths } from '../api-server/address.ts';
import { openStage, type Stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'live-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
const lets = (port: number) => `${head}baseline: {dns: [{namespace: bank, podLabels: {app: db}, ports: [${port}]}]}\n`;
const expectations = join(folder, 'expectations.yaml');
writeFileSync(expectations, 'allow: [{from: shop/web, to: bank/db, port: 5353, protocol: TCP}]\n');
const given = join(folder, 'given.yaml');
writeFileSync(given, lets(54));

let stage: Stage;

// The baseline of shop is missing in the cluster, so the configuration says what it opens.
beforeEach(async () => {
  stage = await openStage();
  for (const name of ['deny-all-baseline', 'allow-dns-egress']) stage.api.erase(paths.policy('shop', name));
  for (const [namespace, name, app] of [
    ['shop', 'web', 'web'],
    ['bank', 'db', 'db'],
  ] as const)
    stage.api.put(`/api/v1/namespaces/${namespace}/pods/${name}`, {
      metadata: { labels: { app } },
      spec: { containers: [{ name: 'c', image: 'x' }] },
      status: { phase: 'Running' },
    });
});

function configure(text: string): void {
  stage.api.put('/api/v1/namespaces/ringfence-system/configmaps/ringfence', { data: { 'config.yaml': text } });
}

const question = ['--from', 'shop/web', '--to', 'bank/db'];

it('reach, assert and diff take the ConfigMap of the live cluster, and say so', async () => {
  configure(lets(5353));
  const reach = await stage.run(['reach', ...question, '--port', '5353/TCP']);
  expect(reach.stdout).toMatch(/^allowed: /);
  expect(reach.stderr).toContain('the configuration is ConfigMap ringfence-system/ringfence of the cluster');
  expect(await stage.run(['assert', expectations])).toMatchObject({ code: 0 });
  expect(await stage.run(['diff', 'live', 'live'])).toMatchObject({ code: 0 });
});

it('they take the built-in configuration where there is no ConfigMap, and say so', async () => {
  const reach = await stage.run(['reach', ...question, '--port', '5353/TCP', '-o', 'json']);
  const answer = JSON.parse(reach.stdout) as { verdict: string; notes: { id: string; message: string }[] };
  expect(answer.verdict).toBe('denied');
  expect(answer.notes).toContainEqual(
    expect.objectContaining({
      id: 'configuration',
      message: 'the configuration is the built-in one, because the cluster has no ConfigMap ringfence-system/ringfence',
    }),
  );
  expect(await stage.run(['assert', expectations])).toMatchObject({ code: 1 });
});

it('a file of --config is taken instead, and another namespace is looked in by --ringfence-namespace', async () => {
  configure(lets(5353));
  const ask = async (...more: string[]) =>
    (await stage.run(['reach', ...question, '--port', '54/TCP', ...more])).stdout;
  expect(await ask('--config', given)).toMatch(/^allowed: /);
  expect(await ask('--ringfence-namespace', 'elsewhere')).toMatch(/^denied: /);
});

it('plan says which configuration it takes, too', async () => {
  configure(lets(5353));
  const said = 'the configuration is ConfigMap ringfence-system/ringfence of the cluster';
  expect((await stage.run(['plan', 'bank'])).stderr).toContain(said);
});
