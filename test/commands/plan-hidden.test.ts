// What kubectl or another tool applies from the folder of a plan, and what could hide it.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPolicy, runPlan, writeExample } from './plan-scene.ts';
import type { Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [whole, out] = [join(folder, 'whole'), join(folder, 'out')];

const verify = (): Promise<Run> => runPlan('--verify', out);

beforeAll(() => writeExample(whole));

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  cpSync(whole, out, { recursive: true });
});

function put(file: string, text: string): void {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  writeFileSync(join(out, file), text);
}

describe('a policy that opens everything is found', () => {
  const list = (items: string): string => `{"apiVersion": "v1", "kind": "List", "items": [${items}]}`;
  it.each<[string, string, () => void]>([
    ['beside an ignore file', 'backend/open.yaml', () => put('backend/.ringfenceignore', 'open.yaml\n')],
    ['below an ignore file', 'backend/open.yaml', () => put('.ringfenceignore', '*.yaml\n')],
    ['as a patch', 'backend/open.yaml', () => put('backend/kustomization.yaml', 'patches: [{path: open.yaml}]\n')],
    ['in a hidden folder', 'backend/.x/open.yaml', () => undefined],
    ['in a hidden folder beside the namespaces', '.x/open.yaml', () => undefined],
    ['in node_modules', 'backend/node_modules/open.yaml', () => undefined],
    ['in a file of the name of the record', 'backend/plan.json', () => undefined],
    ['as .yml', 'backend/open.yml', () => undefined],
    ['as .json', 'backend/open.json', () => undefined],
    ['in a hidden file', 'backend/.open.yaml', () => undefined],
    ['in a file without an extension', 'backend/open', () => undefined],
    ['behind another document', 'backend/open.yaml', () => put('backend/open.yaml', `{}\n---\n${openPolicy}\n`)],
    ['in a List', 'backend/open.yaml', () => put('backend/open.yaml', list(openPolicy))],
    ['in a template of a chart', 'backend/templates/open.yaml', () => put('backend/Chart.yaml', 'name: backend\n')],
    ['behind a link', 'backend/open.txt', () => symlinkSync('open.txt', join(out, 'backend', 'open.yaml'))],
    [
      'behind a link to a folder elsewhere',
      'elsewhere/open.yaml',
      () => {
        renameSync(join(out, 'elsewhere'), join(folder, 'elsewhere'));
        symlinkSync(join(folder, 'elsewhere'), join(out, 'backend', 'more'));
      },
    ],
  ])('%s', async (_, file, hide) => {
    put(file, openPolicy);
    hide();
    const { stdout, code } = await verify();
    expect(stdout).toMatch(/NetworkPolicy backend\/open is not in the plan/);
    expect(stdout).toContain('opened beyond the plan');
    expect(code).toBe(1);
  });

  it('in the record itself, which kubectl reads too', async () => {
    const record = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as object;
    put('plan.json', JSON.stringify({ ...record, ...(JSON.parse(openPolicy) as object) }));
    expect(await verify()).toMatchObject({
      code: 1,
      stdout: `${out}/plan.json: is a Kubernetes object too, which kubectl applies\n`,
    });
  });

  it('of another API, under the name of a policy of the plan', async () => {
    const file = join(out, 'backend', 'allow-api-ingress.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('networking.k8s.io/v1', 'projectcalico.org/v3'));
    const { stdout, code } = await verify();
    expect(stdout).toContain(
      `${file}: NetworkPolicy backend/allow-api-ingress of projectcalico.org/v3 is not in the plan`,
    );
    expect(stdout).toContain('NetworkPolicy backend/allow-api-ingress of the plan is missing');
    expect(code).toBe(1);
  });
});

describe('what decides over the files is a difference', () => {
  const names = ['allow-api-egress.yaml', 'allow-api-ingress.yaml'];
  const both = `resources: [${names.join(', ')}]\n`;
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a kustomization that patches',
      { 'backend/kustomization.yaml': `${both}patches: [{patch: "[]", target: {kind: NetworkPolicy}}]\n` },
      ['backend/kustomization.yaml: by patches, kustomize applies other objects than those of the plan'],
    ],
    [
      'one that changes labels and namespaces',
      { 'backend/kustomization.yml': `${both}commonLabels: {a: b}\nnamespace: other\n` },
      [
        'backend/kustomization.yml: by commonLabels, kustomize applies other objects than those of the plan',
        'backend/kustomization.yml: by namespace, kustomize applies other objects than those of the plan',
      ],
    ],
    [
      'one that applies a file of another kind, and one from elsewhere',
      {
        'backend/Kustomization': `resources: [${names.join(', ')}, open.txt, "https://example.com/open.yaml"]\n`,
        'backend/open.txt': '{}',
      },
      [
        'backend/Kustomization: the resource open.txt is none of the files that were read',
        'backend/Kustomization: the resource https://example.com/open.yaml is none of the files that were read',
      ],
    ],
    [
      'one that leaves a policy out',
      { 'backend/kustomization.yaml': 'resources: [allow-api-egress.yaml]\n' },
      ['backend/kustomization.yaml: allow-api-ingress.yaml is not among the resources, so kustomize leaves it out'],
    ],
    [
      'one of two documents',
      { 'backend/kustomization.yaml': `${both}---\npatches: []\n` },
      ['backend/kustomization.yaml: holds 2 documents, and a kustomization is one'],
    ],
    [
      'a component',
      { 'backend/kustomization.yaml': `${both}apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n` },
      ['backend/kustomization.yaml: kind is Component, and not Kustomization'],
    ],
    [
      'a chart',
      { 'Chart.yaml': 'apiVersion: v2\nname: x\n' },
      ['Chart.yaml: by this file, Helm applies other objects than those of the plan'],
    ],
    [
      'settings of Argo CD',
      { 'backend/.argocd-source.yaml': 'kustomize: {namePrefix: x-}\n' },
      [
        'backend/.argocd-source.yaml: by this file, Argo CD applies other objects than those of the plan',
        'backend/.argocd-source.yaml:1: is no Kubernetes object',
      ],
    ],
    [
      'what is no object',
      { 'backend/a.yaml': '# cut\n', 'backend/b.json': '{\n  // why\n  "a": 1\n}', 'backend/c.yaml': 'a: 1\n' },
      [
        'backend/a.yaml: holds no object',
        'backend/b.json: is JSON with comments',
        'backend/c.yaml:1: is no Kubernetes object',
      ],
    ],
  ])('%s', async (_, files, expected) => {
    for (const [file, text] of Object.entries(files)) put(file, text);
    expect(await verify()).toMatchObject({ code: 1, stdout: expected.map((line) => `${out}/${line}\n`).join('') });
  });

  it('but not kustomizations that only list the files, a text, or what lies beside the namespaces', async () => {
    put('backend/kustomization.yaml', `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${both}`);
    put('kustomization.yaml', 'resources: [backend]\n');
    put('backend/README.md', '# Policies\n\n---\n\nkind: of text\n');
    put('.github/workflows/verify.yaml', 'on: push\n');
    put('.git/refs/heads/open.yaml', openPolicy);
    symlinkSync('..', join(out, 'backend', 'up'));
    expect(await verify()).toMatchObject({ code: 0, stdout: `${out}: the policies do what plan.json says\n` });
  });

  it('and what cannot be read is an error', async () => {
    put('frontend/broken.yaml', 'a: [\n');
    put('.x/binary.yaml', 'a\0b');
    const { stderr, code } = await verify();
    expect(stderr).toContain(`${join(out, 'frontend/broken.yaml')}:`);
    expect(stderr).toContain(`${join(out, '.x/binary.yaml')}: is not UTF-8 text`);
    expect(code).toBe(2);
  });
});
