import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'namespace.yaml');
writeFileSync(file, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api}}\n');

function check(format: string, summary: string) {
  const environment = readEnvironment({ GITHUB_STEP_SUMMARY: summary });
  return runCommand([checkCommand(environment, '1.2.3', 'https://docs.example')], ['check', file, '-o', format]);
}

describe('the summary of a step of GitHub Actions', () => {
  it('gets the findings in Markdown, behind what is there', async () => {
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, '# Before\n');
    expect((await check('github', summary)).stdout).toMatch(/^::error /);
    const markdown = (await check('md', summary)).stdout;
    expect(markdown).toContain('`Namespace shop`');
    expect(readFileSync(summary, 'utf8')).toBe(`# Before\n${markdown}`);
  });

  it('does not end the run if it cannot be written', async () => {
    const { code, stdout, stderr } = await check('github', folder);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^::error /)]);
    expect(stderr).toMatch(/^note: the summary cannot be written to .*: EISDIR/);
  });
});
