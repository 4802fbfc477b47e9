import { describe, expect, it } from 'vitest';
import { formatDocumentProblem } from '../../src/documents/document.ts';
import { loadDocuments, type ManifestFiles } from '../../src/documents/load.ts';

type Tree = { readonly [name: string]: Tree | string | Uint8Array | Error };

/** Files of memory: a mapping is a folder, an Error is what reading throws. */
function filesOf(tree: Tree, input = ''): ManifestFiles {
  const find = (path: string): Tree[string] => {
    let found: Tree[string] | undefined = tree;
    for (const step of path.split('/').filter((one) => one !== '' && one !== '.'))
      found = typeof found === 'object' && !(found instanceof Uint8Array) ? (found as Tree)[step] : undefined;
    if (found === undefined) throw failure('ENOENT');
    return found;
  };
  const isFile = (found: Tree[string]): boolean =>
    typeof found === 'string' || found instanceof Uint8Array || found instanceof Error;
  return {
    look: async (path) => ({
      kind: isFile(find(path)) ? 'file' : 'folder',
      bytes: path.includes('huge') ? 2 ** 29 : 1,
    }),
    list: async (folder) =>
      Object.entries(find(folder) as Tree).map(([name, found]) => ({ name, kind: isFile(found) ? 'file' : 'folder' })),
    read: async (path) => {
      const found = find(path);
      if (found instanceof Error) throw found;
      return typeof found === 'string' ? new TextEncoder().encode(found) : (found as Uint8Array);
    },
    readInput: async () => new TextEncoder().encode(input),
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function load(paths: readonly string[], tree: Tree, input?: string) {
  const { documents, problems } = await loadDocuments(paths, filesOf(tree, input));
  return { read: documents.map(({ file, line }) => `${file}:${line}`), problems: problems.map(formatDocumentProblem) };
}

describe('loadDocuments', () => {
  it('reads folders recursively and sorted: YAML and JSON, without .git, node_modules and the folders of a mounted ConfigMap', async () => {
    const tree = {
      k8s: {
        'b.yml': 'b: 1',
        'a.yaml': 'a: 1\n---\nc: 1',
        'README.md': 'x',
        'c.JSON': '{"c": 1}',
        deep: { 'd.yaml': 'd: 1' },
        '.git': { 'e.yaml': 'e: 1' },
        node_modules: { 'f.yaml': 'f: 1' },
        '..data': { 'g.yaml': 'g: 1' },
        '.hidden': { 'h.yaml': 'h: 1' },
      },
    };
    expect(await load(['k8s/'], tree)).toEqual({
      read: [
        'k8s/.hidden/h.yaml:1',
        'k8s/a.yaml:1',
        'k8s/a.yaml:3',
        'k8s/b.yml:1',
        'k8s/c.JSON:1',
        'k8s/deep/d.yaml:1',
      ],
      problems: [],
    });
  });

  it('reads a file of any name, the standard input, and each file once', async () => {
    const tree = { rendered: 'a: 1', x: { 'a.yaml': 'b: 1' } };
    expect(await load(['./rendered', '-', 'x', './x/a.yaml', 'rendered'], tree, 'c: 1')).toEqual({
      read: ['rendered:1', 'stdin:1', 'x/a.yaml:1'],
      problems: [],
    });
  });

  it('says of each path why it cannot be read, and reads the others', async () => {
    const tree = {
      'no.yaml': failure('EACCES'),
      'odd.yaml': failure('EIO'),
      'huge.yaml': 'a: 1',
      'program.yaml': new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]),
      'latin.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xe9]),
      'bom.yaml': '\uFEFFa: 1',
      empty: {},
      'broken.yaml': 'a: 1\n\tb: 2',
      'z.yaml': 'z: 1',
    };
    const paths = ['missing.yaml', ...Object.keys(tree)];
    const { read, problems } = await load(paths, tree);
    expect(read).toEqual(['bom.yaml:1', 'z.yaml:1']);
    expect(problems).toEqual([
      'missing.yaml: there is no such file or folder',
      'no.yaml: may not be read (permission denied)',
      'odd.yaml: cannot be read (EIO)',
      'huge.yaml: is larger than 256 MiB',
      'program.yaml: is not UTF-8 text',
      'latin.yaml: is not UTF-8 text',
      'empty: the folder holds no *.yaml, *.yml or *.json file',
      expect.stringMatching(/^broken\.yaml:2:1: not YAML: /),
    ]);
  });

  it('refuses a YAML document that would exhaust the memory, and takes many that are small', async () => {
    const small = `a: ${'x'.repeat(1_000_000)}\n`;
    const tree = { 'one.yaml': `a: ${'x'.repeat(17_000_000)}`, 'many.yaml': Array(17).fill(small).join('---\n') };
    const { read, problems } = await load(['one.yaml', 'many.yaml'], tree);
    expect(read).toHaveLength(17);
    expect(problems).toEqual([
      'one.yaml: holds a YAML document of more than 16 MiB; JSON has no such limit (kubectl get -o json)',
    ]);
  });
});
