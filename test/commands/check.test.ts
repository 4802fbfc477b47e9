import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { captureStdout } from './run.ts';

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
  'values.yaml': 'kind: DaemonSet\nimage: example.org/agent\n',
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
  const command = checkCommand(readEnvironment({}), '1.2.3', 'https://docs.example').exitOverride();
  command.configureOutput({ writeErr: (text) => void errors.push(text) });
  const stdout = captureStdout((text) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => void errors.push(`${String(text)}\n`));
  const located = args.map((arg) => (/\.(yaml|json)$/.test(arg) ? join(folder, arg) : arg));
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
    [['clean.yaml', '-o', 'json'], 0, '"text": "2 objects judged, none would be refused."', claims],
    [['undecided.yaml'], 0, 'it names no namespace; use --namespace NAME', ''],
    [['undecided.yaml', '--strict'], 1, '1 would fail', ''],
    [['undecided.yaml', '--strict', '--namespaces', 'cluster.yaml', '-n', 'shop'], 0, 'none would be refused', ''],
    [['broken.yaml', 'refused.yaml'], 2, 'refused.yaml:3:24: ', 'broken.yaml:2:1: not YAML: '],
    [
      ['broken.yaml', 'refused.yaml', '--ignore-unreadable'],
      1,
      '1 would be refused: 1 finding, 1 problem',
      'broken.yaml:',
    ],
    [['broken.yaml', 'clean.yaml', '--ignore-unreadable'], 0, 'none would be refused: 1 problem', 'broken.yaml:2:1: '],
    [['broken.yaml', 'clean.yaml', '--exclude', 'bro*'], 0, 'refused; not judged: 1 excluded file.', claims],
    [['values.yaml', 'clean.yaml', '-o', 'json'], 0, '"passedOver": {\n    "no Kubernetes object": 1\n  }', claims],
    [
      ['gone.yaml', '-o', 'json'],
      2,
      '"message": "there is no such file or folder"',
      'gone.yaml: there is no such file or folder\n',
    ],
    [['clean.yaml', '--namespaces', 'undecided.yaml'], 2, '', 'undecided.yaml: there is no Namespace in it'],
    [['clean.yaml', '--config', 'wrong.yaml'], 2, '', 'wrong.yaml:1:1: '],
    [['clean.yaml', '-o', 'xml'], 2, '', 'Allowed choices are text, json, sarif, junit, github, gitlab, md'],
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

describe('an object that may make Pods, of a kind that is not judged', () => {
  const kafka =
    'apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: log, namespace: shop}\nspec: {kafka: {}}\n';
  const sentence = 'kinds that are not read, and may have Pods: 1 kafka.strimzi.io/v1beta2 Kafka';

  it('is named in every format', async () => {
    writeFileSync(join(folder, 'kafka.yaml'), kafka);
    const { status, stderr } = await run(['kafka.yaml']);
    expect([status, stderr]).toEqual([0, expect.stringContaining(`note: ${sentence}`)]);
    for (const format of ['json', 'sarif', 'junit', 'github', 'gitlab', 'md'])
      expect((await run(['kafka.yaml', '-o', format])).stdout).toContain(sentence);
  });

  it('fails where nothing may be overlooked', async () => {
    writeFileSync(join(folder, 'kafka.yaml'), kafka);
    expect((await run(['kafka.yaml', '--strict'])).status).toBe(1);
  });
});

describe('findings that stood before', () => {
  const unlabelled = (name: string) => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

  it('do not count once they are written, and what is new fails', async () => {
    writeFileSync(join(folder, 'old.yaml'), unlabelled('a') + unlabelled('b'));
    expect(await run(['old.yaml', '--write-known', 'old.json'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('note: the findings are in old.json; from now on, use --known old.json'),
    });
    expect(await run(['old.yaml', '--known', 'old.json'])).toMatchObject({
      status: 0,
      stdout: '2 objects judged, none would be refused. 6 findings stood before (old.json).\n',
    });
    // Other lines, another order and one more object.
    writeFileSync(join(folder, 'new.yaml'), `# moved\n${unlabelled('c')}${unlabelled('a')}`);
    const { status, stdout } = await run(['new.yaml', '--known', 'old.json']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^new\.yaml:5:1: Namespace c: labels env, tier, team are missing {2}\[required-labels\]\n/);
    expect(stdout).toMatch(
      /: 3 findings\. 3 findings stood before \(old\.json\)\. 3 of old\.json no longer found\.\n$/,
    );
  });

  it.each([
    ['json', /"known": \{\s*"file": "a\.json",\s*"count": 3,\s*"gone": 0\s*\}/],
    ['sarif', /"baselineState": "unchanged"/],
    ['junit', /name="summary" value="1 object judged, none would be refused\. 3 findings stood before \(a\.json\)\."/],
    [
      'github',
      /^::notice::the permission .* here\n1 object judged, none would be refused\. 3 findings stood before \(a\.json\)\.\n$/,
    ],
    ['gitlab', /"description": "1 object judged, none would be refused\. 3 findings stood before \(a\.json\)\."/],
    ['md', /1 object judged, none would be refused\. 3 findings stood before \(a\.json\)\./],
  ])('are counted in %s', async (format, text) => {
    writeFileSync(join(folder, 'a.yaml'), unlabelled('a'));
    await run(['a.yaml', '--write-known', 'a.json']);
    const { status, stdout } = await run(['a.yaml', '--known', 'a.json', '-o', format]);
    expect(status).toBe(0);
    expect(stdout).toMatch(text);
  });

  it.each([
    ['gone.json', undefined, 'gone.json: the known findings cannot be read: ENOENT'],
    ['text.json', 'env missing', 'text.json: is not JSON ('],
    ['pod.json', '{"kind": "Pod"}', 'pod.json: is not a file of known findings (kind KnownFindings); ringfence check'],
    [
      'later.json',
      '{"kind": "KnownFindings", "apiVersion": "x/v9"}',
      'apiVersion is "x/v9", and must be ringfence.dev/',
    ],
    [
      'entry.json',
      '{"kind": "KnownFindings", "apiVersion": "ringfence.dev/v1alpha1", "findings": [{}]}',
      'findings[0].',
    ],
  ])('are needed: %s ends with 2', async (file, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, file), text);
    const ended = await run(['clean.yaml', '--known', file]);
    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('are not written and compared at once', async () => {
    const { status, stderr } = await run(['clean.yaml', '--known', 'a.json', '--write-known', 'b.json']);
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot be used with option '--known <file>'")]);
  });

  it('are in a file with a line for each, sorted, which is the same for the same findings', async () => {
    writeFileSync(join(folder, 'one.yaml'), unlabelled('b') + unlabelled('a'));
    writeFileSync(join(folder, 'two.yaml'), `\n${unlabelled('a')}${unlabelled('b')}`);
    await run(['one.yaml', '--write-known', 'one.json']);
    await run(['two.yaml', '--write-known', 'two.json']);
    const text = readFileSync(join(folder, 'one.json'), 'utf8');
    expect(readFileSync(join(folder, 'two.json'), 'utf8')).toBe(text);
    expect(text.split('\n').slice(0, 5)).toEqual([
      '{',
      '  "apiVersion": "ringfence.dev/v1alpha1",',
      '  "kind": "KnownFindings",',
      '  "findings": [',
      '    {"namespace":"","kind":"Namespace","name":"a","check":"required-labels","field":"metadata.labels.env"},',
    ]);
  });
});

describe('checks that are chosen', () => {
  it.each([
    [['--only', 'required-labels'], 1, 'refused: 1 finding. Only these checks count: required-labels.\n'],
    [['--skip', 'required-labels'], 0, 'none would be refused. Checks left out: required-labels.\n'],
    [
      ['--skip', 'no-effect,required-labels', '--skip', 'flow-matrix'],
      0,
      'out: flow-matrix, no-effect, required-labels.',
    ],
    [
      ['--only', 'required-labels,flow-matrix', '--skip', 'required-labels'],
      0,
      'Only these checks count: flow-matrix.',
    ],
  ])('%j ends with %i and is said', async (args, status, text) => {
    const ended = await run(['refused.yaml', ...args]);
    expect(ended).toMatchObject({ status, stdout: expect.stringContaining(text) });
  });

  it.each(['json', 'sarif', 'junit', 'github'])('are said in %s', async (format) => {
    const { stdout } = await run(['refused.yaml', '--skip', 'required-labels', '-o', format]);
    expect(stdout).toContain('Checks left out: required-labels');
  });

  it.each([
    ['--skip', 'no-efect', '--skip: there is no check "no-efect"; did you mean "no-effect"?'],
    ['--only', 'everything', '--only: there is no check "everything"; known here: baseline-guard, '],
  ])('%s %s is an error', async (option, id, message) => {
    const ended = await run(['clean.yaml', option, id]);
    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
