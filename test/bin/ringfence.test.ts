import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const command = fileURLToPath(new URL('../../bin/ringfence.mjs', import.meta.url));

describe('the command', () => {
  it.each(['12.22.12', '20.20.2', '23.11.0'])('says in one sentence that Node %s is too old', (version) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
    const run = spawnSync(process.execPath, ['--import', `data:text/javascript,${pretend}`, command, '--help'], {
      encoding: 'utf8',
    });
    expect(run.stderr).toMatch(/^ringfence needs Node\.js 24 or later; this is v\S+ \(.*\)\.\n$/);
    expect(run.stdout).toBe('');
    expect(run.status).toBe(2);
  });

  it('needs no other package: the bundle has them, so package.json has only what builds it', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as object;
    // A package here would be downloaded by everybody who runs `npx ringfence`.
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).toHaveProperty('engines.node', '>=24');
  });

  it('reads paths from where the person is, if npm runs it in its own folder', () => {
    const home = mkdtempSync(join(tmpdir(), 'ringfence-person-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    writeFileSync(join(home, 'a.yaml'), 'a: 1\n');
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const statusOf = (manifest: string): number | null => {
      const npm = { npm_lifecycle_event: 'ringfence', npm_package_json: manifest, INIT_CWD: home };
      const env = { PATH: process.env['PATH'], NODE_DISABLE_COMPILE_CACHE: '1', ...npm };
      return spawnSync(process.execPath, [command, 'check', 'a.yaml'], { cwd: root, env }).status;
    };
    expect(statusOf(join(root, 'package.json'))).toBe(0);
    // The script of another package names paths of that package.
    expect(statusOf(join(home, 'package.json'))).toBe(2);
  }, 30_000);
});
