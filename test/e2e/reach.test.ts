import { beforeAll, expect, it } from 'vitest';
import { runDesk } from '../commands/run.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { waitFor } from '../waiting.ts';

const example = 'examples/three-tiers';

describeWithSharedControlPlane('a live cluster, asked who reaches whom', (controlPlane) => {
  beforeAll(async () => {
    for (const file of ['namespaces', 'network-policies', 'workloads']) {
      const { exitCode, stderr } = await controlPlane().kubectl(['apply', '-f', `${example}/${file}.yaml`]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    }
    const names = ['get', 'pods', '-A', '-o', 'name'];
    const count = async () => (await controlPlane().kubectl(names)).stdout.trim().split('\n').length;
    // Two Pods of web, two of api, one of the store. Nothing runs without nodes, and pending Pods
    // count.
    await waitFor(async () => expect(await count()).toBe(5), { interval: 500 });
  });

  /** Runs a command on the live cluster, in this process. */
  async function run(...args: readonly string[]) {
    const { stdout, code } = await runDesk([...args, '--kubeconfig', controlPlane().adminKubeconfig]);
    return { stdout, code };
  }

  it('is open as its manifests are: diff finds nothing', async () => {
    expect(await run('diff', example, 'live')).toEqual({ stdout: 'no difference: the same flows are open\n', code: 0 });
  });

  it('knows workloads by the owners of their Pods', async () => {
    const question = ['--from', 'frontend/deployment/web', '--to', 'backend/deploy/api', '--port', '8080'];
    expect((await run('reach', ...question)).stdout).toMatch(/^allowed: .*\n {2}egress: frontend\/web-to-api/);
  });

  it('is held against expectations, and a wall that someone takes down is a failure and a difference', async () => {
    const file = 'test/e2e/reach.expectations.yaml';
    expect(await run('assert', file)).toEqual({ stdout: '4 held, 0 failed\n', code: 0 });
    await controlPlane().kubectl(['delete', 'networkpolicy', '-n', 'database', 'store-from-api']);
    expect((await run('assert', file)).code).toBe(1);
    const { stdout, code } = await run('diff', example, 'live');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^opened .*database\/statefulset\/store/m)]);
  });
});
