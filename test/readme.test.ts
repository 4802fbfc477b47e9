import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../src/admission/webhooks.ts';
import { allowDnsName, denyAllName } from '../src/baseline/names.ts';
import { defaultConfig } from '../src/config/load.ts';
import { checks } from '../src/policy/checks/index.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { explainDenial } from '../src/policy/explain.ts';
import { isSubject, readSubject } from '../src/policy/subject.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```\n(.*?)^```$/gms)].map(([, text = '']) => text.trimEnd());

describe('the README', () => {
  it('shows a refusal as Ringfence words it', () => {
    const labels = new Map(Object.entries({ env: 'prod', tier: 'web', team: 'shop' }));
    const pod = { metadata: { name: 'web', labels: { env: 'prd', tier: 'web' } }, spec: {} };
    const subject = readSubject('Pod', pod, {
      operation: 'CREATE',
      namespace: 'shop',
      facts: { known: true, labels, fenced: true },
    });
    if (!isSubject(subject)) throw new Error(subject.expected);
    const config = defaultConfig({ version: '0', ownNamespace: undefined });
    const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
    expect(blocks).toContain(explainDenial(subject, findings, config));
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts?: object };
    const named = [...readme.matchAll(/npm (?:run (?:-s )?(\S+)|(test))/g)].map(([, run, test]) => run ?? test);
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'ringfence']));
    for (const script of named) expect(scripts).toHaveProperty(script ?? '');
  });

  it('leads to files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const folders = [...readme.matchAll(/-k (manifests\/[\w/]+)/g)].map(([, folder = '']) => folder);
    expect(links.length).toBeGreaterThan(0);
    expect([...links, ...folders].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('deletes what the code makes, by the same names', () => {
    const config = defaultConfig({ version: '0', ownNamespace: undefined });
    const { validating, mutating } = desiredConfigurations(config, { baseUrl: '' }, '');
    for (const { kind, metadata } of [validating, mutating])
      expect(readme).toContain(`${kind.toLowerCase()}/${metadata.name} `);
    expect(readme).toContain(`networkpolicy ${denyAllName} ${allowDnsName} `);
  });
});
