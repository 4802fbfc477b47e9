import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { readWorld } from '../../src/commands/world.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { config } from '../policy/minimal.ts';
import { runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-world-'));
beforeAll(() => {
  const files = {
    'kustomization.yaml': 'resources: [pod.yaml]\nnamespace: shop\npatches: [{path: patch.yaml}]\n',
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n',
    'patch.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n',
    'values.yaml': 'kind: Pod\nimage: example.org/agent\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('has notes about what was passed over in its files, and about kustomizations that change them', async () => {
  const source = { paths: [folder], exclude: ['values.*'], live: {}, config, fenced: false };
  const { inventory, notes } = await readWorld(source);
  expect(inventory.world.pods.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['b/a']);
  expect(notes).toMatchObject([
    {
      id: 'files-passed-over',
      message: 'passed over in the files: 1 Kustomization, 1 excluded file, 1 patch of a kustomization',
      overlooked: false,
    },
    { id: 'kustomization', message: expect.stringContaining('kustomize build'), overlooked: true },
  ]);
});

it.each(['text', 'json', 'sarif', 'junit', 'github', 'gitlab', 'md'])(
  'is named by check, with the checks that were left out, as %s',
  async (format) => {
    const excluded = join(folder, 'ignored');
    mkdirSync(excluded);
    writeFileSync(join(excluded, '.ringfenceignore'), '*.yaml\n');
    writeFileSync(join(excluded, 'pod.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n');
    const command = checkCommand(readEnvironment({}), '1.2.3', 'https://docs.example');
    const { code, stdout } = await runCommand([command], ['check', excluded, '--skip', 'label-values', '-o', format]);
    rmSync(excluded, { recursive: true });
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/not judged: 1 excluded file\. Checks left out: label-values\./),
    ]);
  },
);
