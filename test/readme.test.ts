import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { alternative } from '../scripts/picture.ts';
import { desiredConfigurations } from '../src/admission/webhooks.ts';
import { allowDnsName, denyAllName } from '../src/baseline/names.ts';
import { defaultConfig } from '../src/config/load.ts';
import { checks } from '../src/policy/checks/index.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { explainDenial } from '../src/policy/explain.ts';
import { isSubject, readSubject } from '../src/policy/subject.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const readme = read('README.md');
const blocks = [...readme.matchAll(/^```(?:console|sh)?\n(.*?)^```$/gms)].map(([, text = '']) => text.trimEnd());

describe('the README', () => {
  it('shows a refusal as kubectl shows it, in the words of Ringfence', () => {
    const labels = new Map(Object.entries({ env: 'prod', tier: 'web', team: 'shop' }));
    const pod = { metadata: { name: 'web', labels: { env: 'prd', tier: 'api' } }, spec: {} };
    const subject = readSubject('Pod', pod, {
      operation: 'CREATE',
      namespace: 'shop',
      facts: { known: true, labels, fenced: true },
    });
    if (!isSubject(subject)) throw new Error(subject.expected);
    const config = defaultConfig({ version: '0', ownNamespace: undefined });
    const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
    const command = 'kubectl run web --namespace shop --image=registry.example/web --labels=env=prd,tier=api';
    const prefix = 'Error from server (Forbidden): admission webhook "pods.ringfence.dev" denied the request: ';
    expect(blocks).toContain(`$ ${command}\n${prefix}${explainDenial(subject, findings, config)}`);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts?: object };
    const named = [...readme.matchAll(/npm (?:run (?:-s )?(\S+)|(test))/g)].map(([, run, test]) => run ?? test);
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'ringfence']));
    for (const script of named) expect(scripts).toHaveProperty(script ?? '');
  });

  it('leads to files that exist', () => {
    const links = [...readme.matchAll(/(?:\]\(|src(?:set)?=")([^)"#]+)/g)].map(([, link = '']) => link);
    const folders = [...readme.matchAll(/-k (manifests\/[\w/]+)/g)].map(([, folder = '']) => folder);
    expect(links.length).toBeGreaterThan(0);
    expect([...links, ...folders].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('describes the picture in the words of the picture', () => {
    expect(readme).toContain(`<img alt="${alternative}" `);
  });
});

describe('the way out, and the uninstallation by kubectl', () => {
  it('delete what the code makes, by the same names', () => {
    const config = defaultConfig({ version: '0', ownNamespace: undefined });
    const { validating, mutating } = desiredConfigurations(config, { baseUrl: '' }, '');
    for (const { kind, metadata } of [validating, mutating])
      expect(read('docs/way-out.md')).toContain(`${kind.toLowerCase()}/${metadata.name} `);
    expect(read('docs/uninstall.md')).toContain(`networkpolicy ${denyAllName} ${allowDnsName} `);
  });
});
