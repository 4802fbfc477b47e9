import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BillOfMaterials, licenceOf, nameOf, page, renderBrought } from '../../scripts/dependencies.ts';
import { replaceGenerated } from '../../scripts/docs.ts';
import { sources } from '../house/sources.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/**
 * The place of the image and of the package: the bundle and package.json, without any node_modules
 * above.
 */
const folder = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'));

/** Twenty times the duration of the slowest step, because a runner may be busy. */
const timeout = 60_000;

function node(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The licences that a bundle under Apache-2.0 may contain. Each requires only attribution. */
const licences = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']);

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const bill = () => JSON.parse(read('dist/sbom.cdx.json')) as BillOfMaterials;
/** Returns the rows of a table of docs/dependencies.md, by its heading. */
function table(heading: string): string[][] {
  const [, part = ''] = read(page).split(`\n## ${heading}\n`);
  const rows = part.split('\n## ')[0]?.split('\n') ?? [];
  return rows
    .filter((row) => row.startsWith('| `'))
    .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| |[`]| \|$/g, '')));
}

/** The packages that the sources import. */
const readImports = () => new Set(sources.flatMap(({ packages }) => packages));

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

  it('has a bill of materials: each package with its licence, which may be passed on', () => {
    const { components } = bill();
    expect(components.length).toBeGreaterThan(50);
    expect(components.filter((component) => !licences.has(licenceOf(component)))).toEqual([]);
    const texts = read('dist/THIRD-PARTY-LICENSES.txt');
    const named = components.map((component) => `${nameOf(component)} ${component.version} (`);
    expect(named.filter((title) => !texts.includes(title))).toEqual([]);
  });

  it('has the same bill of materials when it is built again', { timeout }, () => {
    const before = read('dist/sbom.cdx.json');
    node(join(root, 'scripts/build.ts'));
    expect(read('dist/sbom.cdx.json')).toBe(before);
  });

  it('is listed in docs/dependencies.md, each package with its licence and the reason', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: object };
    const names = Object.keys(devDependencies);
    const asked = table('Direct dependencies in the bundle');
    const licencesInBill = new Map(bill().components.map((component) => [nameOf(component), licenceOf(component)]));
    const isLoaded = (name: string): boolean => readImports().has(name);
    expect(asked.map(([name]) => name)).toEqual(names.filter(isLoaded));
    for (const [name = '', licence, why] of asked) {
      expect([name, licence]).toEqual([name, licencesInBill.get(name)]);
      expect(why?.length).toBeGreaterThan(10);
    }
    expect(table('Used to build and to test').map(([name]) => name)).toEqual(names.filter((name) => !isLoaded(name)));
    // If this fails: npm run build, then node scripts/dependencies.ts.
    expect(read(page)).toBe(replaceGenerated(page, read(page), renderBrought(bill())));
  });

  it('says in one line that the cluster cannot be found', { timeout }, () => {
    const failed = node('dist/ringfence.mjs', 'serve', '--kubeconfig', 'absent', '--admin-port', '0', '--port', '0');
    expect(failed).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^absent: there is no such file; .*\n$/),
    });
  });
});
