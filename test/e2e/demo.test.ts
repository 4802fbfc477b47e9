import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runKubectl } from '../control-plane/kubectl.ts';
import { describeWithBinaries } from '../control-plane/vitest.ts';
import { eventually } from './installation.ts';

/** About five times its duration on an idle machine. */
const demoMs = 110_000;

describeWithBinaries('the demo', (binaries) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-demo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(...args: readonly string[]) {
    // It creates all its files in a folder of the test, to see that none is left.
    const env = { ...process.env, TMPDIR: folder, KUBEBUILDER_ASSETS: binaries, FORCE_COLOR: '0' };
    const child = spawn(process.execPath, ['test/demo/demo.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output.text += text;
      });
    }
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, output, ended };
  }

  it('gets every answer that it expects, says so, and leaves nothing behind', { timeout: demoMs }, async () => {
    const { output, ended } = start('--once');
    expect({ exitCode: await ended, output: output.text }).toMatchObject({ exitCode: 0 });
    expect(output.text).toContain('developer$ kubectl create namespace frontend\nError from server (Forbidden)');
    expect(output.text).toContain('did you mean "prod"?');
    expect(output.text).toContain('✓ each refusal above is one of its lines');
    expect(output.text).not.toContain('✗');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('then stays up for the kubeconfig that it wrote, until Ctrl-C', { timeout: demoMs }, async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    const { child, output, ended } = start('--kubeconfig', kubeconfig);
    await eventually('the kubeconfig', () => existsSync(kubeconfig) || child.exitCode !== null, demoMs);
    expect(output.text).not.toContain('✗');
    const kubectl = (...args: string[]) => runKubectl(join(binaries, 'kubectl'), folder, kubeconfig, args, {});
    const { stdout } = await kubectl('get', 'namespaces', '--selector', 'ringfence.dev/fence', '--output', 'name');
    expect(stdout.trim().split('\n')).toEqual(['namespace/backend', 'namespace/database', 'namespace/frontend']);
    expect((await kubectl('create', 'namespace', 'mine')).stderr).toContain('Namespace mine: 3 labels keep it out');
    await eventually('the hints', () => output.text.includes('until Ctrl-C'));

    child.kill('SIGINT');
    expect(await ended).toBe(0);
    // `home` belongs to the kubectl of this test.
    expect(readdirSync(folder)).toEqual(['home']);
  });

  it('refuses a file that is not its own, and what it does not know, with exit code 2', async () => {
    const mine = join(folder, '..', `${process.pid}-absent`, 'kubeconfig');
    const { output, ended } = start('--once', '--kubeconfig', mine);
    expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 2 });
    const unknown = start('--twice');
    expect({ exitCode: await unknown.ended, text: unknown.output.text }).toMatchObject({ exitCode: 2 });
    expect(output.text + unknown.output.text).toMatch(/no folder.*--twice/s);
  });
});
