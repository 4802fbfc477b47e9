import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { Person } from '../../src/commands/person.ts';
import type { Report } from '../../src/fencing/report.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import { labels, wall } from '../fencing/scene.ts';
import { hubbleLine } from './hubble-line.ts';
import { openStage, type Stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-fencing-'));
afterAll(() => rmSync(folder, { recursive: true }));

let api: Stage['api'];
let run: Stage['run'];
const asked: string[] = [];
const says = (answer: boolean): Person => ({
  hasTerminal: () => true,
  async ask(question) {
    asked.push(question);
    return answer;
  },
});

beforeEach(async () => {
  asked.length = 0;
  ({ api, run } = await openStage());
});
afterEach(() => vi.restoreAllMocks());

const changing: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['fence', ['fence', 'bank']],
  ['unfence', ['unfence', 'shop']],
  ['uninstall', ['uninstall']],
];

describe.each(changing)('ringfence %s', (name, args) => {
  it('without a terminal and without --yes asks no API server either, and exits 2', async () => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('there is no terminal for the question; use --yes, or --dry-run to see what would be done\n');
    expect(api.calls).toEqual([]);
  });

  it('shows what it will do, asks, and takes a no for a no: exit 1', async () => {
    const { code, stdout, stderr } = await run(args, says(false));
    expect([code, stdout, asked]).toEqual([1, '', ['Go on? [y/N] ']]);
    expect(stderr).toMatch(new RegExp(`^To ${name} .*:\\n {2}`));
    expect(stderr).toMatch(/ringfence: nothing was changed\n$/);
    expect(api.writes()).toEqual([]);
  });

  it('by --dry-run asks nobody, and prints what would be done: exit 0', async () => {
    const stored = api.paths().map((path) => JSON.stringify(api.at(path)));
    const { code, stdout } = await run([...args, '--dry-run']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^dry run, nothing was written; to be done:\n {2}/)]);
    expect(api.paths().map((path) => JSON.stringify(api.at(path)))).toEqual(stored);
  });

  it('prints its report as JSON, and nothing else on the standard output', async () => {
    const { code, stdout } = await run([...args, '--dry-run', '-o', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        command: name,
        namespace: args[1] ?? 'ringfence-system',
        outcome: 'done',
        dryRun: true,
        steps: expect.any(Array) as unknown,
        messages: expect.any(Array) as unknown,
      },
    ]);
  });

  it.each([
    ['a time that is none', ['--timeout', 'soon'], 'seconds are a number from 0 to 604800'],
    ['a format that is none', ['-o', 'yaml'], 'Allowed choices are text, json'],
    ['an argument too many', ['x', 'y'], 'too many arguments'],
  ])('exits 2 for %s', async (_, more, said) => {
    const { code, stderr } = await run([...args, ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});

describe('ringfence fence', () => {
  it('exits 0 where the fence stands, 1 where a rule refuses, 2 where there is no such namespace or no baseline in time', async () => {
    expect(await run(['fence', 'shop', '--yes'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/namespace shop is already fenced, and its baseline is correct\n$/) as string,
      stderr: '',
    });
    expect(await run(['fence', 'kube-system', '--yes'])).toMatchObject({
      code: 2,
      stderr: 'ringfence: there is no namespace kube-system\n',
    });
    api.put(paths.namespace('kube-system'), {});
    expect(await run(['fence', 'kube-system', '--yes'])).toMatchObject({ code: 1 });
    const { code, stdout, stderr } = await run(['fence', 'bank', '--yes', '--timeout', '0']);
    expect([code, stdout]).toEqual([2, '  marked  Namespace bank: ringfence.dev/fence=true\n']);
    expect(stderr).toContain('The plan knows of no flow that this cuts');
    expect(stderr).toContain('To remove the mark instead: ringfence unfence bank');
  });

  it("prints the API server's words whole, and exits 1", async () => {
    const words = 'admission webhook "namespaces.ringfence.dev" denied the request: Namespace bank:\n  rules: []';
    api.world.before = (call) => {
      if (call.startsWith('PATCH')) throw refusal(403, 'Forbidden', words);
    };
    expect(await run(['fence', 'bank', '--dry-run'])).toEqual({ code: 1, stdout: '', stderr: `ringfence: ${words}\n` });
    const { code, stdout, stderr } = await run(['fence', 'bank', '--dry-run', '-o', 'json']);
    expect([code, (JSON.parse(stdout) as Report).messages, stderr]).toEqual([1, [words], '']);
  });

  it('says where the configuration may not be read how to name it, and takes a file', async () => {
    api.world.before = (call) => {
      if (call.includes('configmaps')) throw refusal(403, 'Forbidden', 'User "dev" cannot get configmaps');
    };
    const { code, stderr } = await run(['fence', 'shop', '--yes']);
    expect([code, stderr]).toEqual([
      2,
      'you may not read ConfigMap ringfence-system/ringfence; pass the same configuration with --config FILE (User "dev" cannot get configmaps)\n',
    ]);
    const file = join(folder, 'config.yaml');
    writeFileSync(file, 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nexempt: {namespaces: [shop]}\n');
    expect(await run(['fence', 'shop', '--yes', '--config', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('namespace shop is exempt') as string,
    });
  });

  describe('where a name of the baseline is taken', () => {
    const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
    const taken = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: wall, namespace: 'bank' },
      spec,
    };
    beforeEach(() => void api.put(paths.policy('bank', wall), { spec, metadata: {} }));

    it('refuses, and shows the difference: exit 1', async () => {
      const { code, stdout, stderr } = await run(['fence', 'bank', '--yes']);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('  - ingress:\n  -   - {}\n');
      expect(await run(['fence', 'bank', '--dry-run'])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`  replace  NetworkPolicy bank/${wall}: `) as string,
      });
    });

    it('prints what --replace replaces, as YAML to apply and nothing else, on the standard output', async () => {
      const { stdout, stderr } = await run(['fence', 'bank', '--yes', '--replace', '--timeout', '0']);
      expect(parse(stdout)).toEqual(taken);
      expect(stderr).toContain('marked  Namespace bank: ringfence.dev/fence=replace');
    });

    it('writes it into a new file by --keep, and never over one that is there', async () => {
      const file = join(folder, 'kept.yaml');
      const args = ['fence', 'bank', '--yes', '--keep', file, '--timeout', '0'];
      const { stdout } = await run(args);
      expect(stdout).toBe('  marked  Namespace bank: ringfence.dev/fence=replace\n');
      expect(parse(readFileSync(file, 'utf8'))).toEqual(taken);
      api.put(paths.namespace('bank'), { metadata: { labels } });
      expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('EEXIST') as string });
      expect(api.at(paths.namespace('bank'))?.metadata.labels).toEqual(labels);
    });

    it('has it in the JSON', async () => {
      const { stdout } = await run(['fence', 'bank', '--yes', '--replace', '--timeout', '0', '-o', 'json']);
      expect((JSON.parse(stdout) as Report).replaced).toEqual([taken]);
    });
  });

  it("follows the cluster's configuration", async () => {
    const text = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nexempt: {namespaces: [bank]}\n';
    api.put('/api/v1/namespaces/fence-system/configmaps/ringfence', { data: { 'config.yaml': text } });
    const there = ['--ringfence-namespace', 'fence-system'];
    expect(await run(['fence', 'bank', '--dry-run', ...there])).toMatchObject({ code: 1 });
    expect(await run(['fence', 'bank', '--dry-run'])).toMatchObject({ code: 0 });
    // The plan follows it too, so that both say the same.
    const plan = await run(['plan', 'bank', ...there]);
    expect(plan).toMatchObject({ code: 2, stderr: expect.stringContaining('namespace bank is exempt') as string });
    expect(await run(['plan', 'bank'])).toMatchObject({ code: 0 });
  });

  it('refuses to cut what the rules forbid and passes today, unless that is accepted', async () => {
    api.put(paths.namespace('store'), { metadata: { labels: { ...labels, tier: 'data' } } });
    const log = join(folder, 'forbidden.jsonl');
    writeFileSync(log, `${hubbleLine('bank/web-1/web', 'store/db-0/db', 5432)}\n`);
    const args = ['fence', 'bank', '--dry-run', '--observed', log];
    const flow =
      '  bank (Pods of no known workload) -> store (Pods of no known workload) TCP/5432 (seen 1 time): flow-matrix: ';
    const refused = await run(args);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      `the fence would cut a flow that passes today and that the rules forbid, first:\n${flow}`,
    );
    const accepted = await run([...args, '--accept-cuts']);
    expect(accepted).toMatchObject({ code: 0 });
    expect(accepted.stdout).toContain(`This cuts a flow that passes today and that the rules forbid, first:\n${flow}`);
  });

  it('follows a log without an end during a trial, and does not wait for its end before', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const log = join(folder, 'log.jsonl');
    writeFileSync(log, `${hubbleLine('bank/web-1/web', 'shop/api-1/api', 8080)}\n`);
    const args = ['fence', 'bank', '--dry-run', '--trial', '1m', '--observed'];
    const { code, stdout } = await run([...args, fifo, log]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '  the log: 2026-11-01T10:00:00.000000001Z to 2026-11-01T10:00:00.000000001Z, from 1 node\n',
    );
    expect(stdout).toContain(`  followed during the trial, and not read before: ${fifo}\n`);
    expect((await run([...args, fifo])).stdout).toContain('  from what the cluster declares; --observed FILE');
    expect(await run([...args, join(folder, 'none')])).toMatchObject({
      code: 2,
      stderr: `${join(folder, 'none')}: there is no such file\n`,
    });
  });

  it('exits 2 where there is no API server', async () => {
    api.world.before = () => Promise.reject(new TypeError('gone'));
    expect(await run(['fence', 'bank', '--dry-run'])).toMatchObject({ code: 2 });
    expect(await run(['unfence', 'shop', '--dry-run'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('ringfence unfence', () => {
  it('keeps the baseline where it is told to', async () => {
    const { code, stdout } = await run(['unfence', 'shop', '--keep-baseline'], says(true));
    expect([code, stdout]).toEqual([0, expect.stringContaining('To fence it again: ringfence fence shop')]);
    expect(api.writes()).toEqual(['PATCH namespaces/shop']);
    expect(api.at(paths.policy('shop', wall))).toBeDefined();
  });
});

describe('ringfence uninstall', () => {
  it('is about the namespace that is named', async () => {
    const { code, stderr } = await run(['uninstall', '--namespace', 'shop', '--dry-run']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('namespace shop does not carry')]);
  });
});
