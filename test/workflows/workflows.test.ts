import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { steps, workflows } from './workflow.ts';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const page = readFileSync('docs/releasing.md', 'utf8');
const jobs = workflows.flatMap(({ path, jobs: all }) =>
  Object.entries(all).map(([name, job]) => ({ name: `${path} ${name}`, job })),
);

/** Runners of GitHub have both. */
const hasTools = ['curl', 'jq'].every((tool) => spawnSync(tool, ['--version']).status === 0);

describe('the workflows', () => {
  it('are that of every change and that of a release', () => {
    expect(workflows.map(({ path }) => path)).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml']);
  });

  it.each(workflows)('$path has no right of its own, and its jobs name theirs', ({ permissions, jobs: all, text }) => {
    expect(permissions).toEqual({});
    expect(text).not.toMatch(/write-all|read-all|pull_request_target/);
    for (const job of Object.values(all)) expect(job.permissions).toBeTypeOf('object');
  });

  it('write the repository only where the release page is made', () => {
    const writers = jobs.filter(({ job }) => (job.permissions as { contents?: string }).contents === 'write');
    expect(writers.map(({ name }) => name)).toEqual(['.github/workflows/release.yml release']);
  });

  it.each(jobs.filter(({ job }) => job.uses === undefined))('$name has a time limit', ({ job }) => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('publish nothing before the tests and the notes of the release', () => {
    const release = workflows.find(({ path }) => path.endsWith('release.yml'))?.jobs ?? {};
    const needs = (name: string): readonly string[] =>
      (release[name]?.needs ?? []).flatMap((one) => [one, ...needs(one)]);
    for (const [name, { permissions }] of Object.entries(release))
      if (JSON.stringify(permissions).includes('write'))
        expect(new Set(needs(name)), name).toEqual(new Set([...needs(name), 'notes', 'test']));
  });

  it('name each action by its digest, with the version that docs/releasing.md lists', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(10);
    for (const one of used) {
      expect(one).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      const version = workflows.map(({ text }) => new RegExp(`${one} # (v[\\d.]+)$`, 'm').exec(text)?.[1]);
      const [name = '', digest = ''] = one.split('@');
      expect(page).toContain(`| \`${name}\` | ${version.find((found) => found !== undefined)} | \`${digest}\` |`);
    }
  });

  it('run scripts, files and folders that exist', () => {
    const runs = steps.flatMap(({ run, at }) => (run === undefined ? [] : [{ run, at }]));
    const named = runs.flatMap(({ run, at }) => [
      ...[...run.matchAll(/\b(?:node|bash) ([\w./-]+)/g)].map(([, file = '']) => ({ at, file })),
      ...[...run.matchAll(/(?<![\w./-])((?:manifests|scripts|src|test|docs|\.ci)\/[\w./-]+)/g)].map(
        ([, file = '']) => ({
          at,
          file,
        }),
      ),
    ]);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ file }) => !existsSync(file))).toEqual([]);
    const verbs = runs.flatMap(({ run }) =>
      [...run.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(verbs.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('give the image the tag that the chart of the release pulls', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-release-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const variables = { GITHUB_REF_NAME: 'v1.2.3', GITHUB_OUTPUT: join(folder, 'output') };
    const run = steps.find(({ id }) => id === 'version')?.run ?? '';
    expect(spawnSync('bash', ['-e', '-c', run], { env: { ...process.env, ...variables } }).status).toBe(0);
    expect(readFileSync(variables.GITHUB_OUTPUT, 'utf8')).toBe('tag=1.2.3\n');
    const pushed = steps.find(({ with: inputs }) => inputs?.['push'] === true)?.with?.['tags'];
    expect(pushed).toMatch(/^\$\{\{ env\.IMAGE \}\}:\$\{\{ steps\.version\.outputs\.tag \}\}$/);
    const packed = steps.find(({ run: line }) => line?.startsWith('helm package'))?.run ?? '';
    const [, version] = /--app-version "(\S+)"/.exec(packed) ?? [];
    const { stdout } = spawnSync('bash', ['-c', `printf %s "${version}"`], { env: { ...process.env, ...variables } });
    expect(stdout.toString()).toBe('1.2.3');
  });

  it.skipIf(!hasTools)('make no release whose documentation is not served', async () => {
    const step = steps.find(({ run }) => run?.includes('.homepage'));
    expect(step?.at).toBe('.github/workflows/release.yml notes');
    const served = createServer(({ url }, answer) => answer.writeHead(url === '/docs/checks.md' ? 200 : 404).end());
    served.listen(0, '127.0.0.1');
    await once(served, 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-release-'));
    onTestFinished(() => {
      served.close();
      rmSync(folder, { recursive: true });
    });
    const exitCodeFor = async (path: string): Promise<number | null> => {
      const homepage = `http://127.0.0.1:${(served.address() as AddressInfo).port}${path}`;
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ homepage }));
      const shell = spawn('bash', ['-e', '-c', step?.run ?? ''], { cwd: folder });
      const [code] = (await once(shell, 'close')) as [number | null];
      return code;
    };
    expect(await exitCodeFor('/docs')).toBe(0);
    // curl has 22 for an answer of 400 or above.
    expect(await exitCodeFor('/elsewhere')).toBe(22);
  });

  it('give no text of a person to a shell but by the environment', () => {
    for (const { run, at } of steps) expect(run ?? '', at).not.toContain('${{');
  });
});
