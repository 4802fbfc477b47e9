import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from './library.ts';
import { type Packed, pack } from './packed.ts';

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
}, 240_000);
afterAll(() => packed.remove());

/** The Node of the machine, if it is an older one. */
const olderNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path));

describe('the package', () => {
  it('is installed without a network, and brings no other package', () => {
    expect(readdirSync(join(packed.home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'ringfence',
    ]);
  });

  it('checks the manifests of a folder', async () => {
    const clean = await packed.run('npx', '--offline', 'ringfence', 'check', 'k8s/');
    expect(clean).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+ objects? .*\n$/s) });
    const kubectl = await packed.run('kubectl-ringfence', 'check', 'k8s/');
    expect(kubectl).toEqual(clean);
  });

  it('speaks of kubectl ringfence, where kubectl runs it', async () => {
    const help = await packed.run('kubectl-ringfence', 'fence', '--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: kubectl ringfence fence /);
    expect(help.stdout).toMatch(/folder of kubectl ringfence\s+plan --write/);
    const wrong = await packed.run('kubectl-ringfence', 'plan', '--verify', 'k8s');
    expect(wrong).toEqual({
      status: 2,
      stdout: '',
      stderr: 'ringfence: k8s/plan.json: there is no such file; kubectl ringfence plan --write writes it\n',
    });
    const plain = await packed.run('ringfence', 'fence', '--help');
    expect(plain.stdout).toMatch(/^Usage: ringfence fence /);
    expect(plain.stdout).not.toContain('kubectl ringfence');
  });

  it('holds what the schemas and the manifests of the docs name, and no sources', () => {
    const folder = join(packed.home, 'node_modules/ringfence');
    expect(readdirSync(folder).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'manifests',
      'package.json',
      'schemas',
    ]);
    for (const bin of Object.values(
      (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: object }).bin,
    ))
      expect(existsSync(join(folder, bin as string))).toBe(true);
  });

  it.skipIf(olderNode === undefined)('says in one sentence that the Node of this machine is too old', async () => {
    const version = (await packed.run(olderNode ?? '', '--version')).stdout.trim();
    const major = Number(/^v(\d+)/.exec(version)?.[1]);
    const { status, stdout, stderr } = await packed.run(
      olderNode ?? '',
      'node_modules/.bin/kubectl-ringfence',
      'check',
      'k8s/',
    );
    if (major >= 24) expect(status).toBe(0);
    else
      expect({ status, stdout, stderr }).toEqual({
        status: 2,
        stdout: '',
        stderr: `ringfence needs Node.js 24 or later; this is ${version} (${olderNode}).\n`,
      });
  });
});

describe('the library of the package', () => {
  beforeAll(() => {
    for (const { file, program } of examples) writeFileSync(join(packed.home, file), program);
  });

  it('has three examples or more', () => expect(examples.length).toBeGreaterThanOrEqual(3));

  it.each(examples)('$file of its page prints what the page says', async ({ file, output }) => {
    expect(await packed.run(process.execPath, file)).toEqual({ status: 0, stdout: output, stderr: '' });
  });

  it('has types that a strict compiler accepts, with its examples', async () => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(process.cwd(), 'node_modules/@types')],
    };
    const wrong =
      "import { check } from 'ringfence';\n// @ts-expect-error\nvoid check('k8s/');\n// @ts-expect-error\nvoid check([], { strickt: true });\n";
    writeFileSync(join(packed.home, 'wrong.ts'), wrong);
    const files = [...examples.map(({ file }) => file), 'wrong.ts'];
    writeFileSync(join(packed.home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    writeFileSync(join(packed.home, 'package.json'), '{"type": "module"}');
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
    expect(await packed.run(process.execPath, tsc, '-p', '.')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('does nothing when it is imported', async () => {
    const program = `
      const before = JSON.stringify(process.env);
      const known = new Set(process.moduleLoadList);
      const library = await import('ringfence');
      const loaded = process.moduleLoadList.filter((name) => !known.has(name) && /NativeModule (?:net|tls|https?|http2|dns|dgram|fs\\/|child_process|worker_threads|undici)/.test(name));
      console.log(JSON.stringify({
        exports: Object.keys(library),
        isEnvironmentUntouched: JSON.stringify(process.env) === before,
        handles: process.getActiveResourcesInfo().filter((name) => !/^(?:TTY|Pipe)/.test(name)),
        loaded,
      }));`;
    const run = await packed.run(process.execPath, '--input-type=module', '--eval', program);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual({
      exports: ['FileError', 'check', 'diff', 'plan', 'reach', 'reachFromOutside'],
      isEnvironmentUntouched: true,
      handles: [],
      loaded: [],
    });
  });

  it('offers the schemas, and nothing that is not documented', async () => {
    const program = `
      const { default: schema } = await import('ringfence/schemas/check.schema.json', { with: { type: 'json' } });
      console.log(schema.title);
      await import('ringfence/dist/ringfence.mjs').catch((error) => console.log(error.code));`;
    const run = await packed.run(process.execPath, '--input-type=module', '--eval', program);
    expect(run.stdout).toBe('Findings of ringfence check -o json\nERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});
