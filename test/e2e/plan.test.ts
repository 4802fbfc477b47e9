// A plan of a running cluster: written, accepted at admission, and proved after the fence.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { runCommand, runDesk } from '../commands/run.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { waitFor } from '../waiting.ts';
import { eventually, type Installation, install } from './installation.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const example = 'examples/three-tiers';
const namespaces = ['frontend', 'backend', 'database'];

describeWithSharedControlPlane('a plan for the three tiers of the article', (controlPlane) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
  let installation: Installation | undefined;
  let admin: Terminal;
  afterAll(async () => {
    await installation?.end();
    rmSync(folder, { recursive: true });
  });

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    for (const file of ['namespaces', 'workloads']) await admin.run(`apply -f ${example}/${file}.yaml`);
    const names = ['get', 'pods', '-A', '-o', 'name'];
    const count = async () => (await controlPlane().kubectl(names)).stdout.trim().split('\n').length;
    await waitFor(async () => expect(await count()).toBe(5), { interval: 500 });
  });

  const live = () => ['--kubeconfig', controlPlane().adminKubeconfig];
  const plan = (...args: readonly string[]) => runCommand([planCommand(readEnvironment({}))], ['plan', ...args]);

  it('says exactly what the article has: web, api, data, DNS, and the way in', async () => {
    const { stdout, code } = await plan('backend', ...live(), '-o', 'json');
    expect(code).toBe(0);
    const { flows } = JSON.parse(stdout) as { readonly flows: readonly Record<string, unknown>[] };
    const end = (value: unknown): string =>
      Object.values(value as object)
        .slice(1)
        .join('/');
    expect(flows.map(({ from, to, port, fate }) => `${fate}: ${end(from)} -> ${end(to)} ${port}`)).toEqual([
      'cut: backend/deployment/api -> database/statefulset/store 5432',
      'kept: backend/deployment/api -> kube-system 53',
      'kept: backend/deployment/api -> kube-system 53',
      'cut: frontend/deployment/web -> backend/deployment/api 8080',
    ]);
  });

  it('is written, and admission accepts it in fenced namespaces', async () => {
    expect((await plan('--all', ...live(), '--write', folder)).code).toBe(0);
    installation = await install(controlPlane(), 'enforce');
    const replica = await installation.start();
    await replica.untilReady();
    await admin.run(`label namespace ${namespaces.join(' ')} ringfence.dev/fence=true`);
    for (const name of namespaces)
      await eventually(`the wall of ${name}`, () =>
        admin.get(`networkpolicy deny-all-baseline -n ${name}`).catch(() => undefined),
      );
    await admin.run(`apply ${namespaces.map((name) => `-f ${join(folder, name)}`).join(' ')}`);
    expect(readdirSync(folder).sort()).toEqual(expect.arrayContaining([...namespaces, 'plan.json']));
    expect((await plan('--verify', folder)).code).toBe(0);
  });

  it('keeps the same flows, and nothing else', async () => {
    const held = await runDesk(['assert', ...live(), `${example}/expectations.yaml`]);
    expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining('0 failed') });
    const { stdout } = await runDesk(['reach', '--matrix', ...live(), '-o', 'csv']);
    const rows = stdout.split('\n').filter((line) => namespaces.some((name) => line.startsWith(`${name}/`)));
    expect(rows.map((row) => row.replace(/,+$/, '').replaceAll('"', ''))).toEqual([
      'backend/deployment/api,database/statefulset/store,TCP/5432',
      'frontend/deployment/web,backend/deployment/api,TCP/8080',
    ]);
  });

  it('has nothing left to cut', async () => {
    for (const name of namespaces) {
      const { stdout } = await plan(name, ...live(), '-o', 'json');
      const { flows, policies } = JSON.parse(stdout) as { flows: { fate: string; by: string[] }[]; policies: string[] };
      expect([...new Set(flows.map(({ fate }) => fate))]).toEqual(['kept']);
      expect(policies).toEqual([]);
    }
  });
});
