import { describe, expect, it } from 'vitest';
import { load, object } from './memory-files.ts';

describe('what is passed over', () => {
  it('is what has not both a kind and an apiVersion, such as the values of a chart', async () => {
    const tree = {
      'values.yaml': 'kind: DaemonSet\nimage: {repository: example.org/agent}\n',
      'Chart.yaml': 'apiVersion: v2\nname: agent\n',
      'list.json': '[1, {"a": 2}]',
      'unversioned.yaml': 'kind: Pod\nmetadata: {name: a}\n',
      'a.yaml': object('a'),
    };
    const { read, problems, passedOver } = await load(Object.keys(tree), tree);
    expect(read).toEqual(['unversioned.yaml:1', 'a.yaml:1']);
    expect(problems).toEqual([]);
    expect(passedOver).toEqual({ 'no Kubernetes object': 3 });
  });

  it('is JSON with comments, unless it is meant as an object', async () => {
    const text = '// "editor"\n{\n  "a": 1, /* b */\n  "url": "http://x//y", // c\n  "b": [1,],\n}\n';
    const tree = { 'settings.json': text, 'pod.json': '{"apiVersion": "v1", "kind": "Pod", // a\n"metadata": {}}' };
    const { read, problems, passedOver } = await load(Object.keys(tree), tree);
    expect(read).toEqual([]);
    expect(problems).toEqual(['pod.json:1:1: JSON with comments, which kubectl does not read: remove the comments']);
    expect(passedOver).toEqual({ 'JSON with comments': 1 });
  });

  it('is what --exclude and .ringfenceignore leave out, in the syntax of gitignore', async () => {
    const tree = {
      '.ringfenceignore': '# generated\n/k8s/old\nb2.yaml\n',
      k8s: {
        '.ringfenceignore': 'b*.yaml\n!bb.yaml\n!b2.yaml\n',
        'a.yaml': object('a'),
        'b.yaml': object('b'),
        'bb.yaml': object('bb'),
        'b2.yaml': object('b2'),
        'notes.txt': 'b',
        old: { 'c.yaml': object('c') },
        deep: { 'b1.yaml': object('b1'), old: { 'd.yaml': object('d') }, 'x-values.yaml': object('x') },
      },
    };
    const { read, passedOver } = await load(['k8s'], tree, ['*-values.yaml']);
    expect(read).toEqual(['k8s/a.yaml:1', 'k8s/b2.yaml:1', 'k8s/bb.yaml:1', 'k8s/deep/old/d.yaml:1']);
    expect(passedOver).toEqual({ 'excluded file': 3, 'excluded folder': 1 });
    expect(await load(['k8s/old/c.yaml', './k8s/b.yaml'], tree)).toEqual({
      read: [],
      problems: [],
      passedOver: { 'excluded file': 2 },
      notes: [],
    });
    expect((await load(['k8s'], tree, ['k8s/**/*.yaml'])).problems).toEqual([]);
    expect((await load(['/k8s/deep'], tree, ['/k8s/deep/old'])).read).toEqual([
      '/k8s/deep/b1.yaml:1',
      '/k8s/deep/x-values.yaml:1',
    ]);
  });
});

describe('templates', () => {
  it('of a chart are one problem, and its other files are read', async () => {
    const tree = {
      app: {
        'Chart.yaml': 'apiVersion: v2\nname: app\n',
        'values.yaml': 'a: 1\n',
        templates: {
          'a.yaml': 'apiVersion: v1\nkind: A\nmetadata: {name: "{{ .Release.Name }}"}\n',
          'b.yaml': '{{- if .Values.x }}\na: 1\n{{- end }}\n',
          'c.yaml': object('c'),
          tests: { 'd.yaml': 'a: {{ .Values.x }}\n' },
        },
      },
    };
    const { read, problems } = await load(['app'], tree);
    expect(read).toEqual(['app/templates/c.yaml:1']);
    expect(problems).toEqual([
      'app/templates: 3 files are templates of a Helm chart, not read; check what they render to: helm template app | ringfence check -',
    ]);
    expect((await load(['app/templates/b.yaml'], tree)).problems).toEqual([
      expect.stringContaining('helm template app'),
    ]);
  });

  it('of one folder are one problem, and a single one keeps its place', async () => {
    const broken = 'a: 1\n{% if x %}\nb: 2\n';
    const tree = { many: { 'a.yaml': broken, 'b.yaml': broken, 'c.yaml': object('c') }, one: { 'a.yaml': broken } };
    const { read, problems } = await load(['many', 'one'], tree);
    expect(read).toEqual(['many/c.yaml:1']);
    expect(problems).toEqual([
      'many: 2 files are templates, not read (a.yaml, b.yaml); check what they render to',
      expect.stringMatching(/^one\/a\.yaml:2:\d: not YAML: .*a template\?/),
    ]);
  });
});
