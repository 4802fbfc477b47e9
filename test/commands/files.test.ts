import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemFiles } from '../../src/commands/files.ts';
import { formatDocumentProblem } from '../../src/documents/document.ts';
import { loadDocuments } from '../../src/documents/load.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-files-'));
  mkdirSync(join(folder, 'k8s/..data'), { recursive: true });
  writeFileSync(join(folder, 'k8s/..data/a.yaml'), 'a: 1');
  // The links of a mounted ConfigMap, and a folder that contains itself.
  symlinkSync('..data/a.yaml', join(folder, 'k8s/a.yaml'));
  symlinkSync('.', join(folder, 'k8s/self'));
  symlinkSync('gone.yaml', join(folder, 'k8s/b.yaml'));
  symlinkSync('k8s', join(folder, 'link'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(path: string) {
  const { documents, problems } = await loadDocuments([join(folder, path)], systemFiles);
  const show = (text: string) => text.replace(`${folder}/`, '');
  return { read: documents.map(({ file }) => show(file)), problems: problems.map(formatDocumentProblem).map(show) };
}

it('follows links to files, and never a link to a folder inside a folder', async () => {
  expect(await load('k8s')).toEqual({
    read: ['k8s/a.yaml'],
    problems: ['k8s/b.yaml: there is no such file or folder'],
  });
});

it('follows a link that is given itself', async () => {
  expect((await load('link')).read).toEqual(['link/a.yaml']);
  expect((await load('link/a.yaml/b.yaml')).problems).toEqual(['link/a.yaml/b.yaml: there is no such file or folder']);
});
