import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deployment, namespace, pod, podLabels, request } from '../admission/scene.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { configOf, lineOf } from '../history/admissions.ts';
import { serveMemoryApi } from './api-server.ts';
import { type Run, runCommand } from './run.ts';

const schema: object = JSON.parse(
  readFileSync(new URL('../../schemas/readiness.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), 'readiness-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const config = put('config.yaml', 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: observe\n');
const labels = { env: 'prod', tier: 'api', team: 'shop' };
const { expose: _, ...unexposed } = podLabels;

const named = (object: Readonly<Record<string, unknown>>, space: string) => ({
  ...object,
  metadata: { ...(object['metadata'] as object), namespace: space },
});

/** A file with namespaces `shop`, which warns, and `pay`, and a Deployment `web` in `shop`. */
function cluster(name: string, template: Record<string, string>, more: readonly object[] = []): string {
  const items = [
    namespace({ ...labels, 'ringfence.dev/mode': 'warn' }),
    namespace({ ...labels, team: 'pay' }, 'pay'),
    namespace({ ...labels, 'ringfence.dev/mode': 'enforce' }, 'strict'),
    named(deployment(template), 'shop'),
    ...more,
  ];
  return put(name, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

const run = (...args: string[]): Promise<Run> =>
  runCommand([readinessCommand(readEnvironment({}))], ['readiness', '--config', config, ...args]);

async function judged(...args: string[]) {
  const { stdout, stderr, code } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  return { code, result };
}

const observing = configOf({ mode: 'observe' });
const admitted = (kind: string, object: unknown, more: object = {}): Promise<string> =>
  lineOf(request(kind, object, more), { namespace: labels }, observing);

describe('a live template that enforce would refuse', () => {
  const wrong = cluster('wrong.json', unexposed);

  it('makes its namespace not ready, although its mode is milder now', async () => {
    const { code, result } = await judged('-f', wrong);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      state: 'not-ready',
      namespaces: [
        { name: 'shop', mode: 'warn', next: 'enforce', isReady: false, refused: 1, recorded: 0 },
        { name: 'pay', mode: 'observe', next: 'warn', isReady: true, refused: 0, recorded: 0 },
        { name: 'strict', mode: 'enforce', next: null, isReady: true, refused: 0, recorded: 0 },
      ],
      exempt: [],
      live: {
        judged: 1,
        refused: 1,
        causes: [{ namespace: 'shop', at: ['Deployment web'], checks: ['required-labels'] }],
      },
      log: null,
    });
  });

  it('makes a namespace not ready that enforces already', async () => {
    const enforcing = cluster('enforcing.json', podLabels, [named(deployment(unexposed), 'strict')]);
    const { code, result } = await judged('strict', '-f', enforcing);
    expect(code).toBe(1);
    expect(result).toMatchObject({ namespaces: [{ name: 'strict', mode: 'enforce', isReady: false }] });
  });

  it('is told with its fix', async () => {
    const { stdout } = await run('-f', wrong);
    expect(stdout).toContain('           Fix, under spec.template.metadata.labels:\n             expose: "false"\n');
    expect(stdout).toContain(
      [
        'NOT READY  shop (warn, next enforce): 1 live',
        'ready      pay (observe, next warn)',
        'ready      strict (enforce)',
        'next: 1 namespace may go from observe to warn now: warn refuses nothing, and kubectl then says the same as here\n',
      ].join('\n'),
    );
    expect(stdout).toMatch(/not ready: 1 of 3 namespaces\.\n$/);
  });

  it('of a namespace that observes: warn would say it and refuse nothing', async () => {
    const observed = cluster('observed.json', podLabels, [named(deployment(unexposed), 'pay')]);
    const { stdout, code } = await run('pay', '-f', observed);
    expect(stdout).toContain(
      'NOT READY  pay (observe, next warn): 1 live\nnext: 1 namespace may go from observe to warn now: ',
    );
    expect(code).toBe(1);
  });

  it('is one cause in the text with the same mistake in other namespaces', async () => {
    const twice = cluster('twice.json', unexposed, [named(deployment(unexposed), 'pay')]);
    const { stdout } = await run('-f', twice);
    expect(stdout).toContain(
      '        2  Deployment in 2 namespaces: expose missing; "true" if the outside may reach it, else "false"\n           pay (web), shop (web)\n',
    );
  });

  it('is not asked about for another namespace', async () => {
    expect((await judged('pay', '-f', wrong)).code).toBe(0);
    expect((await judged('-n', 'pay', '-f', wrong)).result).toMatchObject({ live: { judged: 0, causes: [] } });
  });
});

describe('a recorded request that enforce would refuse', () => {
  const right = cluster('right.json', podLabels);

  it('makes the namespace not ready if nothing shows that it is corrected', async () => {
    const job = { metadata: { name: 'nightly' }, spec: { template: { metadata: { labels: unexposed }, spec: {} } } };
    const started = '{"level":"info","time":"2026-11-22T00:00:00.000Z","port":8443,"msg":"serving"}\n';
    const log = put('log', `${started}${await admitted('Job', job, { name: 'nightly' })}`);
    const { code, result } = await judged('shop', '-f', right, '--log', log);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      namespaces: [{ name: 'shop', isReady: false, refused: 0, recorded: 1 }],
      log: {
        audits: 1,
        others: 1,
        recorded: {
          lines: 1,
          causes: [{ check: 'required-labels', subject: 'expose', users: [{ name: 'dev', lines: 1 }] }],
        },
        corrected: 0,
      },
    });
    expect(JSON.stringify(result)).toContain('a replica started once, at 2026-11-22T00:00:00.000Z');
  });

  it('of several namespaces is one cause, with what they have in common', async () => {
    const job = { metadata: { name: 'nightly' }, spec: { template: { metadata: { labels: {} }, spec: {} } } };
    const other = lineOf(
      request('Job', job, { name: 'nightly', namespace: 'pay' }),
      { namespace: { ...labels, team: 'pay' } },
      observing,
    );
    const log = put('two', `${await admitted('Job', job, { name: 'nightly' })}${await other}`);
    const { stdout } = await run('-f', right, '--log', log);
    expect(stdout).toContain('        2  team  missing  [required-labels]\n');
  });

  it('is corrected if the object, or what makes it, would be admitted now', async () => {
    const made = { metadata: { generateName: 'web-7c9-', labels: unexposed, ownerReferences: [owner] }, spec: {} };
    const lines = [
      await admitted('Deployment', deployment(unexposed)),
      await admitted('Pod', made, { name: '' }),
      await admitted('Pod', pod(podLabels)),
    ];
    const { code, result } = await judged('shop', '-f', right, '--log', put('log', lines.join('')));
    expect(code).toBe(0);
    expect(result).toMatchObject({ state: 'ready', log: { recorded: { lines: 0 }, corrected: 2 } });
  });

  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7c9', uid: 'u', controller: true };

  it('counts as not decided if its line has no identity; --strict is then not ready', async () => {
    const { identity: __, ...old } = JSON.parse(await admitted('Pod', pod(podLabels))) as Record<string, unknown>;
    const log = put('old', `${JSON.stringify(old)}\n`);
    const { code, result } = await judged('shop', '-f', right, '--log', log);
    expect(code).toBe(0);
    expect(result).toMatchObject({ log: { undecided: { lines: 1 } } });
    expect((await run('shop', '-f', right, '--log', log, '--strict')).code).toBe(1);
  });
});

it('ends with 2 if a kind may not be listed, and names it in every format', async () => {
  const api = createMemoryApi();
  for (const name of ['shop', 'pay']) api.put(paths.namespace(name), { metadata: { labels } });
  const kubeconfig = await serveMemoryApi(api);
  const live = (...args: string[]) => run('--kubeconfig', kubeconfig, ...args);
  expect(await live()).toMatchObject({ code: 0 });
  api.world.before = (call) => {
    if (call === 'LIST statefulsets') throw new ApiError(`${call}: forbidden`, { code: 403 });
  };
  const said = 'statefulsets are not in the audit: you may not list statefulsets';
  const { stdout, code } = await live();
  expect(code).toBe(2);
  expect(stdout).toContain(`NOT READ  ${said}\nnot decided: not everything could be read.\n`);
  const answer = await live('-o', 'json');
  expect(answer.code).toBe(2);
  expect(JSON.parse(answer.stdout)).toMatchObject({ state: 'undecided', unread: [said] });
});

it.each<[string, string[], RegExp]>([
  ['an unknown namespace', ['none'], /there is no namespace none/],
  ['a log that is not there', ['--log', '/nowhere/x.log'], /there is no such file/],
  ['a log of something else', ['--log', put('else', 'hello\n')], /there is no audit line/],
])('%s is an error', async (_, args, message) => {
  const { stderr, code } = await run(...args, '-f', cluster('any.json', podLabels));
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
