import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { readEnvironment } from '../../src/config/environment.ts';

let folder = '';

const labels = '{env: prod, tier: api, team: shop, expose: "false"}';
const files = {
  'clean.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: ${labels}}\n`,
  'refused.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api}}\n',
  'undecided.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: ${labels}}\n`,
  'broken.yaml': 'a: [1\n',
  'cluster.yaml':
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n',
  'lenient.yaml': 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nchecks: {required-labels: warn}\n',
  'wrong.yaml': 'mode: on\n',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-check-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in this process. Paths are relative to the folder. */
async function run(args: readonly string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const command = checkCommand(readEnvironment({}), '1.2.3').exitOverride();
  command.configureOutput({ writeErr: (text) => void errors.push(text) });
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => void errors.push(`${String(text)}\n`));
  const located = args.map((arg) => (arg.endsWith('.yaml') ? join(folder, arg) : arg));
  let status: unknown;
  try {
    await command.parseAsync(located, { from: 'user' });
    status = process.exitCode;
  } catch (error) {
    // As in src/main.ts, an error is printed and ends the process with 2.
    if (!(error instanceof CommanderError)) errors.push(`${(error as Error).message}\n`);
    status = 2;
  } finally {
    process.exitCode = undefined;
    stdout.mockRestore();
  }
  const show = (texts: readonly string[]) => texts.join('').replaceAll(`${folder}/`, '');
  return { status, stdout: show(out), stderr: show(errors) };
}

/** The note about Namespaces, whose creation needs a permission that no file can show. */
const claims = 'note: the permission to give a namespace its identity ("claim") is checked at admission';

describe('ringfence check', () => {
  it.each([
    [['clean.yaml'], 0, '2 objects judged, none would be refused.\n', claims],
    [['refused.yaml'], 1, 'refused.yaml:3:24: Namespace shop: team missing; a DNS label  [required-labels]\n', claims],
    [['clean.yaml', '-o', 'json'], 0, '[', ''],
    [['undecided.yaml'], 0, 'it names no namespace; use --namespace NAME', ''],
    [['undecided.yaml', '--strict'], 1, '1 would fail', ''],
    [['undecided.yaml', '--strict', '--namespaces', 'cluster.yaml', '-n', 'shop'], 0, 'none would be refused', ''],
    [['broken.yaml', 'refused.yaml'], 2, 'refused.yaml:3:24: ', 'broken.yaml:2:1: not YAML: '],
    [['gone.yaml', '-o', 'json'], 2, '[]\n', 'gone.yaml: there is no such file or folder\n'],
    [['clean.yaml', '--namespaces', 'undecided.yaml'], 2, '', 'undecided.yaml: there is no Namespace in it'],
    [['clean.yaml', '--config', 'wrong.yaml'], 2, '', 'wrong.yaml:1:1: '],
    [['clean.yaml', '-o', 'xml'], 2, '', 'Allowed choices are text, json, sarif, junit, github'],
    [[], 2, '', "missing required argument 'path'"],
  ])('%j ends with %i', async (args, status, stdout, stderr) => {
    const ended = await run(args);
    expect(ended).toEqual({ status, stdout: expect.stringContaining(stdout), stderr: expect.stringContaining(stderr) });
    // Errors are sentences for people, never a stack.
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    if (stderr === '') expect(ended.stderr).toBe('');
  });

  it('is a command of the program, reads the standard input, and puts what names no namespace where -n says', () => {
    const program = fileURLToPath(new URL('../../bin/ringfence.mjs', import.meta.url));
    const input = `${files['cluster.yaml']}---\n${files['undecided.yaml']}`;
    const ended = spawnSync(process.execPath, [program, 'check', '-', '-n', 'shop'], { input, encoding: 'utf8' });
    expect(ended.stdout).toBe('2 objects judged, none would be refused.\n');
    expect(ended.status).toBe(0);
  }, 30_000);

  it('follows the configuration: a check that is capped warns, and a warning fails only where it is asked to', async () => {
    const args = ['refused.yaml', '--config', 'lenient.yaml'];
    expect(await run(args)).toMatchObject({ status: 0, stdout: expect.stringContaining('warning: team missing') });
    expect(await run([...args, '--strict'])).toMatchObject({ status: 1 });
  });
});
