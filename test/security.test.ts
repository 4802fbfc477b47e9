import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { guardRules, permissionRules } from '../src/policy/permissions.ts';
import { changes, ownModeChanges, ownModes, renderTable, tableModes, ways } from './e2e/permission-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/security.md';
const text = readFileSync(join(root, page), 'utf8');

describe('docs/security.md', () => {
  it.each([
    ['the ways of changing a label', renderTable('changed by', tableModes, ways)],
    ['the other changes', renderTable('a namespace', tableModes, changes)],
    ['the changes under a mode of its own', renderTable('a namespace', ownModes, ownModeChanges)],
  ])('has %s as they are tried on a real API server', (_, table) => {
    expect(text).toContain(`\n\n${table}\n\n`);
  });

  it('names every permission, in the table of the resources', () => {
    const table = text.slice(text.indexOf('| resource |'), text.indexOf('- **They are cluster-scoped'));
    // No verb allows the mark on a namespace that is never fenced, or a trial until no time.
    const { 'never-fenced': _, trial: __, ...guarded } = guardRules;
    const verbs = [...Object.keys(permissionRules), ...Object.keys(guarded)].map((id) =>
      id === 'baseline-guard' ? 'breach' : id === 'other-policy' ? 'open' : id,
    );
    const named = [...table.matchAll(/\| `(\w+)` \| [^|]+ \|$/gm)].map(([, verb]) => verb);
    expect(new Set(named)).toEqual(new Set(verbs));
  });

  it('sends to tests, manifests and pages that exist', () => {
    const paths = [...text.matchAll(/`((?:test|manifests|docs|src)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => join(dirname(page), link));
    const examples = [...text.matchAll(/`([\w-]+\.yaml)`/g)].map(([, file]) => `manifests/roles/examples/${file}`);
    expect(paths.length).toBeGreaterThan(10);
    expect([...paths, ...links, ...examples].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('says of each attack where it is seen to be held', () => {
    const rows = text
      .slice(text.indexOf('| attack |'), text.indexOf('## What is not held'))
      .split('\n')
      .slice(2)
      .filter((line) => line !== '' && !line.includes('---'));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row).toMatch(/`test\/[\w/-]+\.test\.ts` \|$/);
  });
});
