import { describe, expect, it } from 'vitest';
import { failure, load, object } from './memory-files.ts';

describe('loadDocuments', () => {
  it('reads folders recursively and sorted: YAML and JSON, without hidden folders and node_modules', async () => {
    const tree = {
      k8s: {
        'b.yml': object('b'),
        'a.yaml': `${object('a')}---\n${object('c')}`,
        'README.md': 'x',
        'c.JSON': '{"apiVersion": "v1", "kind": "C"}',
        deep: { 'd.yaml': object('d') },
        '.git': { 'e.yaml': object('e') },
        node_modules: { 'f.yaml': object('f') },
        '..data': { 'g.yaml': object('g') },
        '.hidden': { 'h.yaml': object('h') },
      },
    };
    expect(await load(['k8s/'], tree)).toEqual({
      read: ['k8s/a.yaml:1', 'k8s/a.yaml:3', 'k8s/b.yml:1', 'k8s/c.JSON:1', 'k8s/deep/d.yaml:1'],
      problems: [],
      passedOver: { 'hidden folder': 1, 'node_modules folder': 1 },
      notes: [],
    });
    expect((await load(['k8s/.hidden'], tree)).read).toEqual(['k8s/.hidden/h.yaml:1']);
  });

  it('reads a file of any name, the standard input, and each file once', async () => {
    const tree = { rendered: object('a'), x: { 'a.yaml': object('b') } };
    const { read } = await load(['./rendered', '-', 'x', './x/a.yaml', 'rendered'], tree, [], object('c'));
    expect(read).toEqual(['rendered:1', 'stdin:1', 'x/a.yaml:1']);
  });

  it('says of each path why it cannot be read, and reads the others', async () => {
    const tree = {
      'no.yaml': failure('EACCES'),
      'odd.yaml': failure('EIO'),
      'huge.yaml': object('a'),
      'program.yaml': new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]),
      'latin.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xe9]),
      'bom.yaml': `\uFEFF${object('a')}`,
      empty: {},
      'broken.yaml': 'a: 1\n\tb: 2',
      'z.yaml': object('z'),
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
      expect.stringMatching(/^broken\.yaml:2:\d: not YAML: /),
    ]);
  });

  it('refuses a YAML document that would exhaust the memory, and takes many that are small', async () => {
    const small = `apiVersion: v1\nkind: ${'x'.repeat(2_000_000)}\n`;
    const tree = { 'one.yaml': `a: ${'x'.repeat(34_000_000)}`, 'many.yaml': Array(17).fill(small).join('---\n') };
    const { read, problems } = await load(['one.yaml', 'many.yaml'], tree);
    expect(read).toHaveLength(17);
    expect(problems).toEqual([
      'one.yaml:1:1: holds a YAML document of more than 32 MiB; JSON has no such limit (kubectl get -o json)',
    ]);
  });
});
