import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { auditCommand } from '../../src/commands/audit.ts';
import { auditCluster } from '../../src/commands/audited.ts';
import { showProgress } from '../../src/commands/progress.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { fenced, namespace, pod, validateJson } from '../audit/scene.ts';
import { config, makeBaseline } from '../fencing/scene.ts';
import { runCommand } from './run.ts';

afterEach(() => vi.restoreAllMocks());

const run = (...args: readonly string[]) =>
  runCommand([auditCommand(readEnvironment({}), '0.1.0')], ['audit', ...args]);

function fileOf(...objects: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'cluster.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return file;
}

describe('ringfence audit -f', () => {
  it('is clean for a fenced namespace with its baseline: exit 0', async () => {
    const { code, stdout, stderr } = await run('-f', fileOf(...fenced('shop')));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('1 namespace, 1 fenced; no Pod; no finding.');
  });

  it('finds what is wrong: exit 1, and says where it is in the file', async () => {
    const file = fileOf(namespace('shop', {}), pod('shop', 'web', {}));
    const { code, stdout } = await run('-f', file, '-o', 'json');
    const data = JSON.parse(stdout) as { findings: { file: string; line: number }[] };
    expect([code, validateJson(data)]).toEqual([1, true]);
    expect(data.findings.every((one) => one.file === file && one.line >= 1)).toBe(true);
  });

  it('fails for a file that cannot be read, and for one without objects: exit 2', async () => {
    expect(await run('-f', '/nowhere')).toMatchObject({ code: 2, stdout: '' });
    const empty = await run('-f', fileOf());
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('there is no Kubernetes object in it')]);
  });

  it('writes one HTML file, and takes no manifest for it: exit 2', async () => {
    const file = fileOf(namespace('shop', {}), pod('shop', 'web', {}));
    const written = file.replace('cluster.json', 'audit.html');
    expect(await run('-o', 'html', written, '-f', file)).toMatchObject({ code: 1, stdout: '', stderr: '' });
    const text = readFileSync(written, 'utf8');
    expect(text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect((await run('-o', 'html', '-f', file)).stdout).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect((await run('-o', 'html', '--language', 'zh', '-f', file)).stdout).toContain('<html lang="zh-CN">');
    for (const [args, message] of [
      [[file, '-o', 'html', '-f', file], 'must end with .html'],
      [[written, '-f', file], 'only -o html writes a file'],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kind: 'List' });
  });

  it('escapes what could steer a terminal', async () => {
    const { stdout } = await run('-f', fileOf(namespace('shop', { env: '\u001b[2J' })));
    expect(stdout).not.toContain('\u001b');
  });
});

/** A cluster in memory that also answers what only a real API server has. */
function serve() {
  const api = createMemoryApi({ pageSize: 3 });
  api.put(
    paths.namespace('shop'),
    namespace('shop', { env: 'prod', tier: 'web', team: 'shop', 'ringfence.dev/fence': '' }),
  );
  makeBaseline(api, 'shop');
  for (let index = 0; index < 7; index += 1)
    api.put(`/api/v1/namespaces/shop/pods/web-${index}`, pod('shop', `web-${index}`));
  const denied = new Set<string>();
  const busy = { times: 0 };
  const asked: string[] = [];
  const cluster = {
    ...api.cluster,
    watch: () => Promise.reject(new Error('no watch')),
    close: async () => undefined,
    request: (async (method, path, options) => {
      asked.push(path);
      if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.0' };
      if (path === '/apis') return { items: [] };
      if (denied.has(path)) throw new ApiError('forbidden', { code: 403, reason: 'Forbidden' });
      busy.times -= 1;
      if (busy.times >= 0) throw new ApiError('busy', { code: 429, retryAfterSeconds: 0 });
      try {
        return await api.cluster.request(method, path, options);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        throw new ApiError('not served', { code: 404 });
      }
    }) as typeof api.cluster.request,
  };
  const said: string[] = [];
  const options = {
    config,
    ownNamespace: 'ringfence-system',
    release: '0.1.0',
    now: () => 0,
    progress: (text: string) => said.push(text),
  };
  return { api, asked, denied, busy, said, audit: () => auditCluster(cluster, options) };
}

describe('an audit of a live cluster', () => {
  it('reads all pages once, also for the doctor', async () => {
    const { asked, audit } = serve();
    const { audit: found, doctor } = await audit();
    expect(found.namespaces[0]).toMatchObject({ name: 'shop', fence: 'fenced', pods: { all: 7 } });
    expect(asked.filter((path) => path === '/api/v1/pods')).toHaveLength(3);
    expect(asked.filter((path) => path === '/api/v1/namespaces')).toHaveLength(1);
    expect(doctor.find(({ examination }) => examination === 'baselines')?.status).toBe('clean');
  });

  it('names what it may not list, and needs the three that everything rests on', async () => {
    const { denied, audit } = serve();
    denied.add('/apis/apps/v1/deployments');
    const { audit: found } = await audit();
    expect(found.notes).toContainEqual({
      id: 'kind-not-listed',
      message: 'deployments are not in the audit: you may not list deployments',
      objects: ['deployments'],
      overlooked: true,
    });
    denied.add('/api/v1/pods');
    await expect(audit()).rejects.toMatchObject({ code: 403 });
  });

  it('finds nothing missing in a namespace that is deleted between two lists, and what stays wrong', async () => {
    const { api, asked, audit } = serve();
    const mark = { env: 'prod', tier: 'web', team: 'shop', 'ringfence.dev/fence': '' };
    for (const name of ['gone', 'open']) api.put(paths.namespace(name), namespace(name, mark));
    api.put(paths.policy('open', 'other'), { spec: { podSelector: {}, policyTypes: ['Ingress'] } });
    api.world.before = (call) => {
      if (call === 'LIST networkpolicies') api.erase(paths.namespace('gone'));
    };
    const { audit: found, doctor } = await audit();
    expect(found.namespaces.map(({ name, fence }) => [name, fence])).toEqual([
      ['shop', 'fenced'],
      ['open', 'broken'],
    ]);
    expect(found.findings.map(({ namespace: home, name }) => home || name)).not.toContain('gone');
    expect(doctor.find(({ examination }) => examination === 'baselines')?.found).toBe(
      '2 missing: open/deny-all-baseline, open/allow-dns-egress',
    );
    expect(asked.filter((path) => /\/namespaces\/.*\/networkpolicies$/.test(path))).toEqual([
      '/apis/networking.k8s.io/v1/namespaces/gone/networkpolicies',
      '/apis/networking.k8s.io/v1/namespaces/open/networkpolicies',
    ]);
  });

  it('asks again where the API server is too busy', async () => {
    const { busy, audit } = serve();
    busy.times = 2;
    expect((await audit()).audit.namespaces[0]?.pods.all).toBe(7);
  });

  it('says what it reads', async () => {
    const { said, audit } = serve();
    await audit();
    expect(said).toEqual(expect.arrayContaining(['namespaces', 'pods', 'deployments', 'the doctor', 'judging']));
  });
});

describe('progress', () => {
  it('is a line on a terminal that is written over, and nothing elsewhere', () => {
    const written: string[] = [];
    const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    for (const isTTY of [false, true]) {
      const progress = showProgress({ isTTY, write });
      progress.say('pods: 500');
      progress.end();
    }
    expect(written).toEqual(['\r\u001b[Kpods: 500 ...', '\r\u001b[K']);
  });
});
