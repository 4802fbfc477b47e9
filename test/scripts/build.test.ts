import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where the image and the package run: the bundle and package.json, and no node_modules anywhere above. */
const folder = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'));

/** Twenty times what the slowest step takes: a runner that has other work is slow. */
const timeout = 60_000;

function node(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the bundle', () => {
  beforeAll(() => {
    const { status, stderr } = node(join(root, 'scripts/build.ts'));
    if (status !== 0) throw new Error(stderr);
    for (const path of ['dist', 'package.json']) cpSync(join(root, path), join(folder, path), { recursive: true });
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers as the sources do, with no dependency beside it', { timeout }, () => {
    const args = ['manifests', '--webhooks'];
    const bundled = node('dist/ringfence.mjs', ...args);
    expect(bundled).toMatchObject({ status: 0, stderr: '' });
    expect(bundled).toEqual(node(join(root, 'src/main.ts'), ...args));
  });

  it('says in one line that the cluster cannot be found', { timeout }, () => {
    const failed = node('dist/ringfence.mjs', 'serve', '--kubeconfig', 'absent', '--admin-port', '0', '--port', '0');
    expect(failed).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(/^ringfence: .*absent.*\n$/) });
  });
});
