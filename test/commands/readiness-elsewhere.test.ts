// Lines of the log that are about no namespace that lives, and lines that cannot be read: readiness
// passes over none of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, it } from 'vitest';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deployment, namespace, pod, podLabels, request } from '../admission/scene.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { configOf, lineOf } from '../history/admissions.ts';
import { serveMemoryApi } from './api-server.ts';
import { runCommand } from './run.ts';

const schema: object = JSON.parse(
  readFileSync(new URL('../../schemas/readiness.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), 'readiness-log-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function put(content: string): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, content);
  return path;
}

const config = put('apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: observe\n');
const labels = { env: 'prod', tier: 'api', team: 'shop' };
const { expose: _, ...unexposed } = podLabels;
const shop = namespace(labels);
const listOf = (...items: readonly object[]): string => put(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const named = (object: object, space: string) => ({
  ...object,
  metadata: { ...(object as { metadata?: object }).metadata, namespace: space },
});
const right = named(deployment(podLabels), 'shop');

const run = (...args: readonly string[]) =>
  runCommand([readinessCommand(readEnvironment({}))], ['readiness', '--config', config, ...args]);

/** Runs it in both formats, which have one exit code. */
async function judged(...args: readonly string[]) {
  const { stdout, stderr, code } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  const text = await run(...args);
  expect(text.code).toBe(code);
  return { code, result, text: text.stdout };
}

const observing = configOf({ mode: 'observe' });
const job = { metadata: { name: 'test' }, spec: { template: { metadata: { labels: unexposed }, spec: {} } } };
const line = (space: string) =>
  lineOf(request('Job', job, { name: 'test', namespace: space }), { namespace: labels }, observing);
const created = async (name: string) => {
  const object = namespace({}, name);
  return lineOf(request('Namespace', object, { name, namespace: name }), { namespace: undefined }, observing);
};
/** A policy of the cluster, by a user who may not open the fences. */
const ofCluster = () => {
  const [group, version, resource] = ['cilium.io', 'v2', 'ciliumclusterwidenetworkpolicies'] as const;
  const object = { apiVersion: `${group}/${version}`, metadata: { name: 'open' }, spec: { endpointSelector: {} } };
  const given = request('CiliumClusterwideNetworkPolicy', object, { name: 'open' });
  const { namespace: __, ...rest } = given;
  const asked = { group, version, kind: given.kind.kind };
  return lineOf({ ...rest, kind: asked, resource: { group, version, resource } }, { namespace: labels }, observing);
};
const logOf = async (...lines: readonly Promise<string>[]) => put((await Promise.all(lines)).join(''));
const fine = () => lineOf(request('Pod', pod(podLabels)), { namespace: labels }, observing);

it('the log has namespaces that are gone from the cluster, which are not ready', async () => {
  const api = createMemoryApi();
  api.put(paths.namespace('shop'), { metadata: { labels } });
  const kubeconfig = await serveMemoryApi(api);
  const log = await logOf(fine(), line('preview-1'), created('preview-1'), line('preview-2'), line('kube-system'));
  const { code, result, text } = await judged('--kubeconfig', kubeconfig, '--log', log);
  expect(result).toMatchObject({
    state: 'not-ready',
    namespaces: [{ name: 'shop', isReady: true }],
    log: {
      recorded: { lines: 3 },
      elsewhere: {
        namespaces: [
          { name: 'preview-1', recorded: 2 },
          { name: 'preview-2', recorded: 1 },
        ],
        cluster: 0,
      },
    },
  });
  expect(text).toContain('NOT READY  2 namespaces that are gone (preview-1, preview-2): 3 recorded\n');
  expect(text).toMatch(/\nnot ready: 0 of 1 namespace, 2 namespaces that are gone\.\n$/);
  expect(code).toBe(1);
  const one = await judged('shop', '--kubeconfig', kubeconfig, '--log', log);
  expect(one).toMatchObject({ code: 0, result: { log: { elsewhere: { namespaces: [], cluster: 0 } } } });
});

it('the log has namespaces that are not in the files, and the cluster itself', async () => {
  const files = listOf(shop, right);
  const log = await logOf(fine(), line('preview-1'), ofCluster());
  const { code, result, text } = await judged('-f', files, '--log', log);
  expect(result).toMatchObject({
    state: 'not-ready',
    log: { elsewhere: { namespaces: [{ name: 'preview-1', recorded: 1 }], cluster: 1 } },
  });
  expect(text).toContain(
    'NOT READY  1 namespace that is not in the files (preview-1): 1 recorded\nNOT READY  the cluster (objects of no namespace): 1 recorded\n',
  );
  expect(text).toMatch(/\nnot ready: 0 of 1 namespace, 1 namespace that is not in the files, the cluster\.\n$/);
  expect(code).toBe(1);
});

it('the log has nothing against it if what was recorded elsewhere would be admitted', async () => {
  const other = lineOf(request('Pod', pod(podLabels), { namespace: 'gone' }), { namespace: labels }, observing);
  const log = await logOf(fine(), other);
  expect(await judged('-f', listOf(shop, right), '--log', log)).toMatchObject({ code: 0 });
});

it('the log has a line that is cut: --strict is then not ready', async () => {
  const log = put(`${await fine()}${(await fine()).slice(0, 80)}\n`);
  const files = listOf(shop, right);
  const { code, result } = await judged('-f', files, '--log', log);
  expect([code, result]).toEqual([0, expect.objectContaining({ state: 'ready' })]);
  expect((result as { log: { unreadable: number } }).log.unreadable).toBe(1);
  expect((await run('-f', files, '--log', log, '--strict')).code).toBe(1);
  expect((await run('-f', files, '--log', await logOf(fine()), '--strict')).code).toBe(0);
});
