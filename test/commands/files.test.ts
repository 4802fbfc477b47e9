import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemFiles } from '../../src/commands/files.ts';
import { formatDocumentProblem } from '../../src/documents/document.ts';
import { loadDocuments } from '../../src/documents/load.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-files-'));
  // The links of a mounted ConfigMap, and a folder that contains itself.
  write('k8s/..data/a.yaml');
  link('..data/a.yaml', 'k8s/a.yaml');
  link('.', 'k8s/self');
  link('gone.yaml', 'k8s/b.yaml');
  link('k8s', 'link');
  // Overlays that share a base by a link, beside the base and outside the folder.
  write('apps/base/a.yaml');
  write('shared/b.yaml');
  write('shared/deep/c.yaml');
  link('base', 'apps/alias');
  link('../shared', 'apps/shared');
  link('../../apps', 'shared/deep/back');
  link('base/a.yaml', 'apps/same.yaml');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), 'apiVersion: v1\nkind: A\n');
}

function link(target: string, path: string): void {
  symlinkSync(target, join(folder, path));
}

async function load(...paths: readonly string[]) {
  const { documents, problems } = await loadDocuments(
    paths.map((path) => join(folder, path)),
    systemFiles,
  );
  const show = (text: string) => text.replace(`${folder}/`, '');
  return { read: documents.map(({ file }) => show(file)), problems: problems.map(formatDocumentProblem).map(show) };
}

it('follows links to files, and ends where a folder contains itself', async () => {
  expect(await load('k8s')).toEqual({
    read: ['k8s/a.yaml'],
    problems: ['k8s/b.yaml: there is no such file or folder'],
  });
});

it('follows a link that is given itself', async () => {
  expect((await load('link')).read).toEqual(['link/a.yaml']);
  expect((await load('link/a.yaml/b.yaml')).problems).toEqual(['link/a.yaml/b.yaml: there is no such file or folder']);
});

it('follows linked folders, and reads each file once by its own path', async () => {
  expect(await load('apps')).toEqual({
    read: ['apps/base/a.yaml', 'apps/shared/b.yaml', 'apps/shared/deep/c.yaml'],
    problems: [],
  });
  expect((await load('shared', 'apps')).read).toEqual([
    'shared/b.yaml',
    'shared/deep/back/base/a.yaml',
    'shared/deep/c.yaml',
  ]);
});
