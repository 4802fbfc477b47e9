import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/documents/parse.ts';

const parse = (text: string) => parseManifest(text, 'a.yaml');
const objects = (text: string) => parse(text).documents.map(({ object }) => object);
const places = (text: string) => parse(text).documents.map(({ line, column }) => `${line}:${column}`);
const problems = (text: string) =>
  parse(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('YAML documents', () => {
  it('are parted by ---, and the empty ones are left out', () => {
    const text = '# Source: chart/templates/a.yaml\n---\na: 1\n---\n# nothing\n---\n---\nb: 2\n...\n';
    expect(objects(text)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(places(text)).toEqual(['3:1', '8:1']);
  });

  it.each([
    ['expose: yes', { expose: true }],
    ['expose: Off', { expose: false }],
    ['expose: y', { expose: true }],
    ['on: push', { true: 'push' }],
    ['port: 0x10', { port: 16 }],
    ['mode: 0644', { mode: 420 }],
    ['time: 12:30', { time: '12:30' }],
    ['day: 2026-11-22', { day: '2026-11-22' }],
    ['team: 1e3', { team: 1000 }],
    ['team: ~', { team: null }],
    ['a: &x {b: 1}\nc: {<<: *x, d: 2}', { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ])('are read as kubectl reads them: %s', (text, object) => {
    expect(objects(text)).toEqual([object]);
  });

  it('are located by key, list item and, through an alias, at the anchor', () => {
    const [document] = parse(
      '---\nlabels: &l\n  env: prod\n  team: shop\ncopy: *l\nlist:\n  - a\n  - b: 1\n',
    ).documents;
    const at = (...path: (string | number)[]) => Object.values(document?.placeOf(path) ?? {}).join(':');
    expect(at('labels', 'team')).toBe('4:3');
    expect(at('copy', 'env')).toBe('3:3');
    expect(at('list', 1, 'b')).toBe('8:5');
    expect(at('list', 0)).toBe('7:5');
  });

  it('give the nearest ancestor’s place where a path does not exist', () => {
    const [, document] = parse('x: 1\n---\nmetadata:\n  labels:\n    env: prod\n').documents;
    expect(document?.placeOf(['metadata', 'labels', 'team'])).toEqual({ line: 4, column: 3 });
    expect(document?.placeOf(['spec', 'a'])).toEqual({ line: 3, column: 1 });
  });

  it('keep a key __proto__ as data', () => {
    const [object] = objects('__proto__:\n  a: 1\n') as [object];
    expect(Object.keys(object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe('what is not YAML', () => {
  it('is one problem of its document, and the others are read', () => {
    const text = 'a: 1\n---\nb: [1\nc: 2\n---\nd: 3\n';
    expect(objects(text)).toEqual([{ a: 1 }, { d: 3 }]);
    expect(problems(text)).toEqual([expect.stringMatching(/^4:1 not YAML: Flow sequence/)]);
  });

  it('is an alias to nothing, and the other documents are read', () => {
    expect(objects('a: *b\n---\nc: 1\n')).toEqual([{ c: 1 }]);
    expect(problems('a: *b\n---\nc: 1\n')).toEqual([expect.stringMatching(/^1:1 not YAML: Unresolved alias/)]);
  });

  it('is called a template where it looks like one', () => {
    expect(problems('a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n')[0]).toContain('helm template');
  });

  it('is a key written twice, and the document is judged all the same', () => {
    expect(objects('a: 1\na: 2\n')).toEqual([{ a: 2 }]);
    expect(problems('a: 1\na: 2\n')).toEqual(['2:1 this key appears twice in its mapping']);
  });

  it('is what nests or unfolds without end', () => {
    expect(problems(`a: ${'['.repeat(20_000)}`)).toEqual([expect.stringContaining('nested too deep')]);
    const bomb = Array.from({ length: 20 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}`}]`);
    expect(problems(bomb.join('\n'))).toEqual([expect.stringContaining('alias')]);
  });
});

describe('Lists', () => {
  const list =
    'apiVersion: v1\nkind: List\nitems:\n- kind: A\n  x: 1\n- kind: List\n  items:\n  - kind: B\n    w: {z: 1}\n';

  it('are flattened, nested or not, and each member knows its places', () => {
    const { documents } = parse(list);
    expect(documents.map(({ object, line, column }) => [object, line, column])).toEqual([
      [{ kind: 'A', x: 1 }, 4, 3],
      [{ kind: 'B', w: { z: 1 } }, 8, 5],
    ]);
    expect(documents[1]?.placeOf(['w', 'z'])).toEqual({ line: 9, column: 9 });
    expect(documents[1]?.placeOf(['metadata', 'labels'])).toEqual({ line: 8, column: 5 });
  });

  it('of a type give their members the kind that the API server leaves out', () => {
    const text = '{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}]}';
    expect(objects(text)).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }]);
  });

  it('are not what a custom resource happens to be called', () => {
    const text = 'apiVersion: x.example/v1\nkind: AllowList\nitems: [10.0.0.0/8]\n';
    expect(objects(text)).toEqual([{ apiVersion: 'x.example/v1', kind: 'AllowList', items: ['10.0.0.0/8'] }]);
  });

  it('tell of a member that is no object', () => {
    expect(problems('kind: List\nitems:\n- a\n- {kind: A}\n')).toEqual(['3:3 a member of the List is not an object']);
    expect(problems('kind: List\nitems: a\n')).toEqual(['2:1 the items of a List must be a list']);
    expect(parse('kind: List\n')).toEqual({ documents: [], problems: [] });
  });
});

describe('JSON', () => {
  const text = `{
  "kind": "List",
  "items": [
    {"kind": "A", "a.b": {"c]": ["x,\\"y", [1, {"d": null}]]}, "e": -1.5e3},
    {"kind": "B", "kind": "C"}
  ]
}`;

  it('is located like YAML', () => {
    const { documents, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ object, line, column }) => [Object(object).kind, line, column])).toEqual([
      ['A', 4, 5],
      ['C', 5, 5],
    ]);
    const at = (index: number, ...path: (string | number)[]) => documents[index]?.placeOf(path).column;
    expect(at(0, 'a.b', 'c]', 1, 1, 'd')).toBe((text.split('\n')[3]?.indexOf('"d"') ?? 0) + 1);
    expect(at(0, 'e')).toBe((text.split('\n')[3]?.indexOf('"e"') ?? 0) + 1);
    expect(at(0, 'missing')).toBe(5);
    expect(at(1, 'kind')).toBe((text.split('\n')[4]?.lastIndexOf('"kind"') ?? 0) + 1);
  });

  it('may be YAML in flow style after all', () => {
    expect(objects('{a: 1}\n---\n{b: 2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });
});
