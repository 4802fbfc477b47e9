import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refuse, serveFaults } from '../cluster/fault-server.ts';
import { runDesk } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-outside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const labels = { app: 'web', expose: 'true' };
const pod = { metadata: { name: 'web', namespace: 'shop', labels }, spec: {} };
const service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
};
const route = {
  metadata: { name: 'r', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'public' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
};

const run = (args: readonly string[]) => runDesk(['reach', '--from', 'outside', ...args]);

/** A cluster in which each path has one object, may not be listed, or is not served. */
async function serve(objects: Readonly<Record<string, object | 'forbidden'>>): Promise<string> {
  const { kubeconfig } = await serveFaults(({ url = '' }, response) => {
    const object = objects[new URL(url, 'http://api').pathname];
    if (object === undefined) refuse(response, 404, 'NotFound');
    else if (object === 'forbidden') refuse(response, 403, 'Forbidden');
    else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [object] }));
  });
  return kubeconfig;
}

const cluster = {
  '/api/v1/namespaces': { metadata: { name: 'shop' } },
  '/apis/networking.k8s.io/v1/networkpolicies': {
    metadata: { name: 'wall', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  },
  '/api/v1/pods': pod,
  '/api/v1/services': service,
};

describe('ringfence reach --from outside', () => {
  it('reads files, all of them once', async () => {
    const file = join(folder, 'all.json');
    const items = [
      { apiVersion: 'v1', kind: 'Pod', ...pod },
      { apiVersion: 'v1', kind: 'Service', ...service },
    ];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const { stdout, code } = await run(['-f', file, '--to', 'shop/web', '--port', '80']);
    expect([code, stdout]).toEqual([
      0,
      'allowed: shop/service/web (NodePort) to shop/web on TCP/80\n  from any public address: allowed\n    ingress: no policy isolates shop/web\n',
    ]);
    const { stdout: json } = await run(['-f', file, '-o', 'json']);
    expect(JSON.parse(json)).toMatchObject({
      flows: [{ exposure: 'shop/service/web', to: ['shop/web'], port: { protocol: 'TCP', port: 80 } }],
      deadEnds: [],
      notes: expect.arrayContaining([expect.objectContaining({ id: 'controller-assumed' })]),
    });
    expect(await run(['-f', file, '-o', 'csv'])).toMatchObject({
      code: 2,
      stderr: '--from outside has sources and reasons, which are no table: use -o text or -o json\n',
    });
    expect((await run(['-f', file, '--to', '10.0.0.1'])).code).toBe(2);
  });

  it('reads a live cluster, in the versions that it serves', async () => {
    const kubeconfig = await serve({ ...cluster, '/apis/gateway.networking.k8s.io/v1alpha2/tcproutes': route });
    const { stdout, stderr } = await run(['--kubeconfig', kubeconfig]);
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      'denied: shop/service/web (NodePort) to shop/web on TCP/80',
      'denied: shop/tcproute/r (Service web, port 80) to shop/web on TCP/80',
    ]);
    expect(stderr).not.toContain('may not be listed');
  });

  it('names what may not be listed, which --strict fails', async () => {
    const kubeconfig = await serve({ ...cluster, '/apis/networking.k8s.io/v1/ingresses': 'forbidden' });
    const { stderr, code } = await run(['--kubeconfig', kubeconfig, '--strict']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('ingresses.networking.k8s.io may not be listed, so what they expose is missing'),
    ]);
  });
});

describe('outside as an end of other questions', () => {
  const items = (...more: readonly object[]) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
        { apiVersion: 'v1', kind: 'Pod', ...pod },
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db', namespace: 'shop', labels: { app: 'db' } }, spec: {} },
        ...more,
      ],
    });
  const files = (name: string, ...more: readonly object[]) => {
    const path = join(folder, name);
    writeFileSync(path, items(...more));
    return path;
  };
  const entrance = { apiVersion: 'v1', kind: 'Service', ...service };
  const wall = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'wall', namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
  };
  const open = files('open.json', entrance);
  const walled = files('walled.json', entrance, wall);
  const shut = files('shut.json');

  it('is a source in queries, and no destination', async () => {
    const queries = join(folder, 'outside.jsonl');
    const ask = (query: object) => JSON.stringify({ from: 'outside', ...query });
    const lines = [
      ask({ to: 'shop/web', port: 80 }),
      ask({ to: 'shop/web', port: 81 }),
      ask({ to: 'shop', port: 80 }),
      ask({ to: '10.0.0.1', port: 80 }),
      JSON.stringify({ from: 'shop/web', to: 'outside', port: 443 }),
    ];
    writeFileSync(queries, `${lines.join('\n')}\n`);
    const read = async (file: string) => {
      const { stdout } = await runDesk(['reach', '-f', file, '--queries', queries]);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const [allowed, other, mixed, address, to] = await read(open);
    expect(allowed).toMatchObject({
      verdict: 'allowed',
      reasons: [
        'shop/service/web (NodePort) leads the outside to it on TCP/80',
        'from any public address: allowed',
        expect.any(String),
      ],
    });
    expect(other).toMatchObject({ verdict: 'denied', reasons: ['nothing here leads the outside to it'] });
    expect(mixed).toMatchObject({
      verdict: 'mixed',
      parts: expect.arrayContaining([
        expect.objectContaining({ to: 'shop/web', verdict: 'allowed' }),
        expect.objectContaining({ to: 'shop/db', verdict: 'denied' }),
      ]),
    });
    expect(address?.['error']).toBe('"to": 10.0.0.1 is no Pod: what is outside the cluster is not asked for');
    expect(to?.['error']).toBe(
      '"to": "outside" is only a source (from). As a destination, name addresses: an IP or a CIDR such as 0.0.0.0/0',
    );
    expect((await read(walled))[0]).toMatchObject({
      verdict: 'denied',
      reasons: expect.arrayContaining([expect.stringContaining('leads the outside to it')]),
    });
  });

  it('is a source in expectations', async () => {
    const expectations = join(folder, 'outside.exp');
    writeFileSync(
      expectations,
      'allow: [{from: outside, to: shop/web, port: 80}]\ndeny: [{from: outside, to: shop/db}]\n',
    );
    expect(await runDesk(['assert', '-f', open, expectations])).toMatchObject({
      code: 0,
      stdout: '2 held, 0 failed\n',
    });
    const { code, stdout } = await runDesk(['assert', '-f', walled, expectations]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('denied: outside to shop/web')]);
    writeFileSync(expectations, 'deny: [{from: shop/web, to: outside}]\n');
    expect((await runDesk(['assert', '-f', open, expectations])).stdout).toContain('"outside" is only a source (from)');
  });

  it('is a source in a difference: what opens it, and what closes it', async () => {
    const changes = async (before: string, after: string) => {
      const { stdout } = await runDesk(['diff', before, after, '-o', 'json']);
      const all = (JSON.parse(stdout) as { changes: { change: string; from: string; to: string; ports: object }[] })
        .changes;
      return all.filter(({ from }) => from === 'outside').map(({ change, to, ports }) => [change, to, ports]);
    };
    const ports = [{ protocol: 'TCP', first: 80, last: 80 }];
    expect(await changes(shut, open)).toEqual([['opened', 'shop/web', ports]]);
    expect(await changes(open, walled)).toEqual([['closed', 'shop/web', ports]]);
    expect(await changes(open, open)).toEqual([]);
    expect((await runDesk(['diff', shut, open])).stdout).toMatch(/^opened +outside +shop\/web +TCP\/80$/m);
  });

  it('is refused as --to', async () => {
    const { code, stderr } = await runDesk(['reach', '-f', open, '--from', 'shop/web', '--to', 'outside']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('name addresses: an IP or a CIDR such as 0.0.0.0/0')]);
  });
});
