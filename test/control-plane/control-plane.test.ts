import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { startControlPlane } from './control-plane.ts';
import { describeWithBinaries, describeWithControlPlane } from './vitest.ts';

/** A start takes about five seconds on two idle cores, but the machine may be busy. */
const slow = 120_000;
/** The supervisor needs milliseconds, but the machine may be busy. */
const soon = { timeout: 20_000, interval: 50 };

describeWithControlPlane(
  'a control plane with controllers',
  { users: [{ name: 'dana', groups: ['developers'] }], auditLog: true },
  (controlPlane) => {
    it('answers kubectl as the administrator', async () => {
      const result = await controlPlane().kubectl(['create', 'namespace', 'shop']);
      expect(result).toEqual({ exitCode: 0, stdout: 'namespace/shop created\n', stderr: '' });
    });

    it('gives a plain user no rights', async () => {
      const result = await controlPlane().kubectl(['get', 'namespaces'], { as: 'dana' });
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toContain('Forbidden');
    });

    it('gives a plain user the rights of a RoleBinding for the group', async () => {
      const { kubectl } = controlPlane();
      await kubectl(['create', 'namespace', 'orders']);
      await kubectl(['-n', 'orders', 'create', 'rolebinding', 'dev', '--clusterrole=edit', '--group=developers']);
      await vi.waitFor(async () => {
        const result = await kubectl(['-n', 'orders', 'create', 'configmap', 'mine'], { as: 'dana' });
        expect(result.stdout).toBe('configmap/mine created\n');
      }, soon);
    });

    it('knows a service account by a token of its own', async () => {
      const { kubectl, kubeconfigForServiceAccount } = controlPlane();
      await kubectl(['create', 'serviceaccount', 'robot']);
      const kubeconfig = await kubeconfigForServiceAccount('default', 'robot');
      const result = await kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], {
        as: kubeconfig,
      });
      expect(result.stdout).toBe('system:serviceaccount:default:robot');
    });

    it('has controllers that make the Pods of a ReplicaSet', async () => {
      const { kubectl } = controlPlane();
      const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } };
      const input = JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web' },
        spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template },
      });
      expect(await kubectl(['apply', '-f', '-'], { input })).toMatchObject({ exitCode: 0 });
      await vi.waitFor(async () => {
        const { stdout } = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'name']);
        expect(stdout.trim().split('\n')).toHaveLength(2);
      }, soon);
    });

    it('records who called what', async () => {
      const events = await controlPlane().auditEvents();
      const created = events.filter(({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'namespaces');
      expect(created.map(({ user, objectRef }) => [user.username, objectRef?.name])).toEqual([
        ['admin', 'shop'],
        ['admin', 'orders'],
      ]);
      const podMakers = events.filter(({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods');
      expect(new Set(podMakers.map(({ user }) => user.username))).toEqual(
        new Set(['system:serviceaccount:kube-system:replicaset-controller']),
      );
    });

    it('keeps its data when the API server is restarted', { timeout: slow }, async () => {
      const { kubectl, stopApiServer, startApiServer } = controlPlane();
      await stopApiServer();
      expect(await kubectl(['get', 'namespace', 'shop'])).toMatchObject({ exitCode: 1 });
      await startApiServer();
      expect(await kubectl(['get', 'namespace', 'shop', '-o', 'name'])).toMatchObject({ stdout: 'namespace/shop\n' });
    });

    it('kills a kubectl that takes too long', async () => {
      const result = await controlPlane().kubectl(['get', 'namespaces', '--watch'], { timeoutMs: 1_000 });
      expect(result.exitCode).toBe(124);
    });
  },
);

describeWithBinaries('control planes', (binaries) => {
  it('run side by side, and leave nothing when stopped', { timeout: slow }, async () => {
    const options = { binaries, controllers: false };
    const both = await Promise.all([startControlPlane(options), startControlPlane(options)]);
    const pids = both.flatMap((one) => one.processes().map(({ pid }) => pid));
    const [first, second] = both;
    await first.kubectl(['create', 'namespace', 'only-here']);
    expect(await second.kubectl(['get', 'namespace', 'only-here'])).toMatchObject({ exitCode: 1 });
    await Promise.all(both.map((one) => one.stop()));
    expect(both.map(({ folder }) => existsSync(folder))).toEqual([false, false]);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('say in the error why a component does not start', { timeout: slow }, async () => {
    const options = { binaries, controllers: false, apiServerArguments: ['--no-such-flag'] };
    await expect(startControlPlane(options)).rejects.toThrow('unknown flag: --no-such-flag');
  });

  describe('leave nothing when the process that started them', () => {
    it.each<[string, (owner: ChildProcess) => void]>([
      ['is killed by SIGKILL', (owner) => owner.kill('SIGKILL')],
      ['is interrupted by Ctrl-C', (owner) => owner.kill('SIGINT')],
      ['crashes', (owner) => owner.send('crash')],
    ])('%s', { timeout: slow }, async (_way, end) => {
      const fixture = fileURLToPath(new URL('./abandoned.fixture.ts', import.meta.url));
      const owner = fork(fixture, [binaries], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      const [{ folder, pids }] = (await once(owner, 'message')) as [{ folder: string; pids: number[] }];
      expect(existsSync(folder)).toBe(true);
      expect(pids.filter(isRunning)).toEqual(pids);
      end(owner);
      await vi.waitFor(() => {
        expect(pids.filter(isRunning)).toEqual([]);
        expect(existsSync(folder)).toBe(false);
      }, soon);
    });
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  // A zombie has ended, but its exit code has not been read. Its name, in brackets, comes before
  // the state.
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
