import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-main-'));
const mistaken = join(folder, 'mistaken.yaml');
const kubeconfig = join(folder, 'kubeconfig.yaml');

beforeAll(() => {
  writeFileSync(
    mistaken,
    'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: enforced\nchecks: {label-value: warn}\n',
  );
  // Nothing listens there, because a wrong configuration must be reported before any call.
  const cluster = { server: 'https://127.0.0.1:1' };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command line as a child process with an empty environment. */
async function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { HOME: folder, PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

// Each test starts a process that loads everything, which takes about a second on an idle machine.
describe('the command line', { concurrent: true, timeout: 120_000 }, () => {
  it.each<[string, readonly string[], RegExp]>([
    ['help', ['--help'], /^Usage: ringfence /],
    ['manifests', ['manifests', '--webhooks'], /^apiVersion: admissionregistration\.k8s\.io\/v1\n/],
    [
      'the commands in groups',
      ['--help'],
      /Before you fence or enforce:\n {2}readiness .*\n(.*\n)* {2}plan .*\n(.*\n)*Fence:\n {2}fence .*\n(.*\n)*Help:\n(.*\n)* {2}help /,
    ],
  ])('prints %s and ends with 0', async (_, args, expected) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(expected);
  });

  it('leads readers of SARIF to the documentation that package.json names', async () => {
    const { status, stdout } = await run('check', '-o', 'sarif', 'examples/three-tiers');
    const { runs } = JSON.parse(stdout) as { runs: [{ tool: { driver: { informationUri: string } } }] };
    const { homepage } = JSON.parse(readFileSync('package.json', 'utf8')) as { homepage: string };
    expect([status, runs[0].tool.driver.informationUri]).toEqual([0, homepage]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['nothing is asked', [], /^Usage: ringfence /],
    ['the command is unknown', ['serv'], /^error: unknown command 'serv'\n\(Did you mean serve\?\)\n$/],
    ['there is no cluster', ['serve'], /^ringfence: no cluster found: [^\n]+\n$/],
  ])('ends with 2, and says why in a sentence, where %s', async (_, args, expected) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    ['manifests', ['manifests', '--webhooks']],
    // The default ports may be in use on the machine.
    ['serve', ['serve', '--kubeconfig', kubeconfig, '--port', '0', '--admin-port', '0']],
  ])('%s lists every problem of a configuration, by place, and ends with 2', async (_, args) => {
    const { status, stdout, stderr } = await run(...args, '--config', mistaken);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/mistaken\.yaml:3:7: mode: .*did you mean "enforce"\?$/),
      expect.stringMatching(/mistaken\.yaml:4:10: checks\.label-value: .*did you mean "label-values"\?$/),
    ]);
  });
});
