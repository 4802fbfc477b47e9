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
    ['a: &x {b: 1}\nc: {b: 2, <<: *x}', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x {b: 1}\nc: {<<: [*x, {b: 2, d: 2}]}', { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ["a: &x {b: 1}\nc: {'<<': *x}", { a: { b: 1 }, c: { '<<': { b: 1 } } }],
    ['mode: 0o17\nodd: 08\nbits: -0b11\nmany: 1_000', { mode: 15, odd: 8, bits: -3, many: 1000 }],
    ['id: 0x1_0\nhuge: 1e400\nversion: 1.10\nhalf: .5', { id: 16, huge: '1e400', version: 1.1, half: 0.5 }],
    ['1.5: a\n0x10: b\n.inf: c', { 1.5: 'a', 16: 'b', '.inf': 'c' }],
    ['a: !!str 1\nb: !!int "2"\nc: !own yes\nd: !!binary aGk=', { a: '1', b: 2, c: 'yes', d: 'hi' }],
    ['a:\n  b: \'{\n  "c": 1\n  }\'\nd: 2', { a: { b: '{ "c": 1 }' }, d: 2 }],
    ['a:\n  - b: "x\n\ny\n"\nd: 2', { a: [{ b: 'x\ny ' }], d: 2 }],
    ["a:\n    b: 'x\n\n'\n    c: g]o", { a: { b: 'x\n', c: 'g]o' } }],
    ['a: "x\\\n\n  y"', { a: 'x\ny' }],
    ['a:\n  b: [\n    1, "]",\n  {c: it\'s # ]\n}]\nd: 2', { a: { b: [1, ']', { c: "it's" }] }, d: 2 }],
    ['a:\n  b: {\nc: [\n1\n],\n\t"d": "e\nf"\n}\ng: 2', { a: { b: { c: [1], d: 'e f' } }, g: 2 }],
    ['a:\n  [\n    1,\n\t  2\n  ]', { a: [1, 2] }],
    ['a: 1\rb:\r  - c\r', { a: 1, b: ['c'] }],
    ['a: |\r\n  b\r\n  c\r\n', { a: 'b\nc\n' }],
    ['%YAML 1.1\n---\na: 1', { a: 1 }],
    ['--- # Source: a.yaml\na: 1', { a: 1 }],
    ['--- {a: 1}', { a: 1 }],
    [`a: ${'['.repeat(200)}${']'.repeat(200)}`, { a: JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) }],
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

  it('are located also where the parser needs more indentation than kubectl', () => {
    const [document] = parse('a:\n  b: [\n1, {c: "x\n y\n\nz"},\n{d: 2}\n]\ne: 3\r\nf: 4\rg:\n- h:\n').documents;
    const at = (...path: (string | number)[]) => Object.values(document?.placeOf(path) ?? {}).join(':');
    expect(at('a', 'b', 0)).toBe('3:1');
    expect(at('a', 'b', 1, 'c')).toBe('3:5');
    expect(at('a', 'b', 2, 'd')).toBe('7:2');
    expect(at('e')).toBe('9:1');
    expect(at('g')).toBe('11:1');
    expect(at('g', 0, 'h')).toBe('12:3');
    expect(document?.writtenAt(['a', 'b', 1, 'c'])).toBe('x y\nz');
  });

  it('are located at the header of a text in lines', () => {
    const [document] = parse('a:\n- b\n- >- # c | d\n  e\nf|g: |\n  h\n').documents;
    expect(document?.placeOf(['a', 1])).toEqual({ line: 3, column: 3 });
    expect(document?.placeOf(['f|g'])).toEqual({ line: 5, column: 1 });
    expect(document?.writtenAt(['a', 1])).toBe('e');
  });

  it('give the nearest ancestor’s place where a path does not exist', () => {
    const [, document] = parse('x: 1\n---\nmetadata:\n  labels:\n    env: prod\n').documents;
    expect(document?.placeOf(['metadata', 'labels', 'team'])).toEqual({ line: 4, column: 3 });
    expect(document?.placeOf(['spec', 'a'])).toEqual({ line: 3, column: 1 });
  });

  it('may have more lines than a call can have arguments', () => {
    expect(problems(`a:\n${'- {b: 1}\n'.repeat(150_000)}`)).toEqual([]);
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
    expect(problems(text)).toEqual([expect.stringMatching(/^4:2 not YAML: missed comma/)]);
  });

  it('is an alias to nothing, and the other documents are read', () => {
    expect(objects('a: *b\n---\nc: 1\n')).toEqual([{ c: 1 }]);
    expect(problems('a: *b\n---\nc: 1\n')).toEqual(['1:4 not YAML: there is no anchor &b for this alias']);
  });

  it.each([
    ['- kind: A\n  apiVersion: v1\n', /^1:1 kubectl reads no bare list of objects: .*`kind: List`/],
    ['[{"kind": "A", "apiVersion": "v1"}]', /^1:1 kubectl reads no bare list/],
    ['a: 1\n...\nb: 2\n', /^3:1 kubectl stops reading here/],
    ['  a: 1\n b: 2\n', /^2:2 kubectl stops reading here/],
    ['a: .nan\n', /^1:4 not YAML: JSON, which kubectl sends, has neither/],
    ['~: 1\n', /^1:1 not YAML: a key cannot be null/],
    ['? [a]\n: 1\n', /^1:3 not YAML: a key cannot be a list/],
    ['a: &x [*x]\n', /^1:8 not YAML: the anchor &x contains itself/],
    ['a: !!int x\n', /^1:10 not YAML: "x" is not of the type !!int/],
    ['a:\n  <<: 1\n', /^2:7 not YAML: << can merge only mappings/],
    ['{"a": 1}\n{"b": \n', /^3:1 not YAML: unexpected end/],
  ])('is told with its place: %j', (text, problem) => {
    expect(problems(text)).toEqual([expect.stringMatching(problem)]);
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
    expect(parse('kind: List\n')).toMatchObject({ documents: [], problems: [] });
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

  it('can be values one after another, each with its places, and then YAML', () => {
    const text = '{"a": 1}{"b":\n  2}\n\n{"c": 3}\n---\nd: 4\n';
    const { documents, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ object, line, column }) => [object, line, column])).toEqual([
      [{ a: 1 }, 1, 1],
      [{ b: 2 }, 1, 9],
      [{ c: 3 }, 4, 1],
      [{ d: 4 }, 6, 1],
    ]);
    expect(documents[1]?.placeOf(['b'])).toEqual({ line: 1, column: 10 });
    expect(objects('\n {"a": 1}\n')).toEqual([{ a: 1 }]);
  });

  it('may be YAML in flow style after all', () => {
    expect(objects('{a: 1}\n---\n{b: 2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });
});
